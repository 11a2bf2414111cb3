-- Uploads as they came, and the key that a tenant signs with.

-- Where the bytes are as they were uploaded. NULL: the file is from before this step, and only its datasets are there.
ALTER TABLE files ADD COLUMN original TEXT;

-- What callbacks are signed with whose request says no secret of its own. NULL: none.
ALTER TABLE tenants ADD COLUMN callback_secret TEXT;
ALTER TABLE tenants ADD COLUMN callback_secret_set BIGINT;
