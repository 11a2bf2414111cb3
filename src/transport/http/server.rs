//! Keys, notifications, rooms, data and chat: the routes under `/server`, and what stands beside them.

use vizroom_protocol::file::{File, Upload, UploadById};
use vizroom_protocol::operation::FileGet;

use super::routes::BYTES;
use super::{Route, download, route, tus, upload};

pub(super) const ROUTES: &[Route] = &[
    route!(POST "/api/v1/keys" => KeyCreate),
    route!(GET "/api/v1/keys" => KeyList),
    route!(DELETE "/api/v1/keys/{key_id}" => KeyRevoke),
    route!(POST "/api/v1/connections" => DataConnectionCreate),
    route!(GET "/api/v1/connections" => DataConnectionList),
    route!(GET "/api/v1/connections/{connection_id}" => DataConnectionGet),
    route!(PUT "/api/v1/connections/{connection_id}" => DataConnectionUpdate),
    route!(DELETE "/api/v1/connections/{connection_id}" => DataConnectionDelete),
    route!(POST "/api/v1/connections/{connection_id}/test" => DataConnectionTest),
    route!(GET "/api/v1/connections/{connection_id}/schema" => DataConnectionSchema),
    route!(GET "/server/notifications" => NotificationList),
    route!(POST "/server/notifications/read" => NotificationRead),
    route!(POST "/server/rooms/create" => RoomCreate),
    route!(GET "/server/rooms/list" => RoomList),
    route!(DELETE "/server/rooms/{room_id}/delete" => RoomDelete),
    route!(POST "/server/rooms/{room_id}/update" => RoomUpdate),
    route!(POST "/server/rooms/{room_id}/leave" => RoomResign),
    route!(POST "/server/rooms/{room_id}/members" => RoomAddMember),
    route!(DELETE "/server/rooms/{room_id}/members/{user_id}" => RoomRemoveMember),
    route!(PUT "/server/rooms/{room_id}/members/{user_id}" => RoomSetRole),
    route!(GET "/server/rooms/{room_id}/readers" => RoomReaders),
    route!(POST "/server/rooms/{room_id}/link-files" => FileLink),
    route!(POST "/server/rooms/{room_id}/unlink-files" => FileUnlink),
    route!(GET "/server/room/status" => RoomStatus),
    route!(GET "/server/data/list" => FileList),
    route!(GET "/server/data/usage" => FileUsage),
    route!(POST "/server/data/upload", upload::add)
        .about("Brings a file: CSV, TSV, JSON, NDJSON, Parquet, Arrow, SQLite, or one of these in gzip.")
        .takes_form::<upload::Add>()
        .answers::<File>(),
    route!(OPTIONS "/server/data/tus", tus::offer).about("What of tus 1.0 is offered.").open().status(204),
    route!(POST "/server/data/tus", tus::begin)
        .about("Begins an upload in pieces, by the protocol tus 1.0; `Location` says where they go.")
        .headers(tus::BEGINS)
        .own_errors(tus::ERRORS)
        .status(201),
    route!(GET "/server/data/tus/{upload_id}", tus::look)
        .about("How far an upload in pieces is, for HEAD in `Upload-Offset`; whoever still sends is interrupted.")
        .takes::<UploadById>()
        .headers(tus::VERSIONED)
        .own_errors(tus::ERRORS)
        .answers::<Upload>(),
    route!(PATCH "/server/data/tus/{upload_id}", tus::append)
        .about("Appends a piece; the answer to the last one says whether a data set could be made of the file.")
        .headers(tus::APPENDS)
        .own_errors(tus::ERRORS)
        .status(204),
    route!(DELETE "/server/data/tus/{upload_id}", tus::give_up)
        .about("Gives an upload in pieces up.")
        .takes::<UploadById>()
        .headers(tus::VERSIONED)
        .own_errors(tus::ERRORS)
        .status(204),
    route!(POST "/server/data/tus/{upload_id}", tus::overridden)
        .about("PATCH, DELETE or HEAD, as `X-HTTP-Method-Override` says, for clients that know only POST.")
        .headers(tus::VERSIONED)
        .own_errors(tus::ERRORS)
        .status(204),
    route!(GET "/server/data/{file_id}" => FileGet),
    route!(GET "/server/data/{file_id}/download", download::content)
        .calls::<FileGet>()
        .about("A file as it was uploaded, to whoever may see it; also in part.")
        .gives_text(BYTES)
        .headers(download::HEADERS)
        .more(download::ANSWERS)
        .own_errors(download::ERRORS),
    route!(DELETE "/server/data/{file_id}" => FileDelete),
    route!(POST "/server/data/{file_id}/reupload", upload::replace)
        .about("Replaces a file's content; what was made of it is stale then.")
        .takes_form::<upload::Replace>()
        .answers::<File>(),
    route!(POST "/server/chat/messages" => ChatSend),
    route!(PUT "/server/chat/messages" => ChatEdit),
    route!(DELETE "/server/chat/messages" => ChatDelete),
    route!(GET "/server/get_history" => RoomHistory),
];
