//! The rooms' logs in the store: every test on SQLite and on PostgreSQL.

use futures_util::future::join_all;
use futures_util::poll;
use uuid::Uuid;
use vizroom::room::{Draft, Stored};
use vizroom::store::Error;
use vizroom_protocol::Code;
use vizroom_protocol::id::{EventId, RoomId};
use vizroom_protocol::room::Role;

use crate::store::{on_both, open, room, user};

on_both! {
    a_log_has_no_holes,
    the_newest_rooms_come_with_heads_and_members,
    a_key_is_written_once,
    a_failed_batch_leaves_nothing_behind,
    a_deleted_room_takes_its_log_along_and_gets_no_new_one,
    a_log_is_read_in_pages,
    a_big_batch_of_many_rooms,
    a_run_is_read_from_any_place,
    a_run_does_not_grow_without_end,
    an_event_of_a_run_is_written_anew,
    lookups_that_share_a_query_keep_their_own_answers,
}

fn draft(room: RoomId, dedup: Option<&str>) -> Draft {
    Draft {
        room,
        event: EventId(Uuid::now_v7()),
        kind: "chat.message",
        dedup: dedup.map(Into::into),
        before: r#"{"seq":"#.into(),
        after: "}",
    }
}

/// The numbers given; 0 for what was not written.
fn seqs(stored: &[Result<Stored, vizroom_protocol::Error>]) -> Vec<u64> {
    let seq = |s: &Result<Stored, _>| if let Ok(Stored::New { seq, .. }) = s { *seq } else { 0 };
    stored.iter().map(seq).collect()
}

async fn a_log_has_no_holes(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    let (a, b) = (room(&store, &ada).await, room(&store, &ada).await);
    assert_eq!(store.head(a).await.unwrap(), ("e1".into(), 0));
    let stored = store.append(&[draft(a, None), draft(b, None), draft(a, None)]).await.unwrap();
    assert_eq!(seqs(&stored), [1, 1, 2]);
    let Ok(Stored::New { text, .. }) = &stored[2] else { panic!("{stored:?}") };
    assert_eq!(&**text, br#"{"seq":2}"#);
    assert_eq!(seqs(&store.append(&[draft(a, None)]).await.unwrap()), [3]);
    assert_eq!(store.head(a).await.unwrap(), ("e1".into(), 3));
    assert!(store.append(&[]).await.unwrap().is_empty());
    store.close().await;
    let store = open(url).await;
    assert_eq!(seqs(&store.append(&[draft(a, None), draft(b, None)]).await.unwrap()), [4, 2]);
    let nowhere = store.head(RoomId(Uuid::now_v7())).await;
    assert_eq!(nowhere.unwrap_err().code, Code::NotFound);
}

async fn the_newest_rooms_come_with_heads_and_members(url: &str) {
    let store = open(url).await;
    let (ada, bob) = (user(&store, "ada@example.com").await, user(&store, "bob@example.com").await);
    let (a, b) = (room(&store, &ada).await, room(&store, &bob).await);
    store.put_member(b, ada.id, Role::Viewer, 3_000).await.unwrap();
    store.append(&[draft(b, None), draft(b, None)]).await.unwrap();
    let known = async |rooms_max, members_max| {
        let mut newest = store.newest_rooms(rooms_max, members_max).await.unwrap();
        newest.members.sort_by_key(|(room, user, _)| (*room, *user));
        (newest.rooms, newest.members)
    };
    let (head_a, head_b) = ((a, "e1".to_owned(), 0), (b, "e1".to_owned(), 2));
    let of_b = [(b, ada.id, Role::Viewer), (b, bob.id, Role::Owner)];
    let all = [&[(a, ada.id, Role::Owner)], &of_b[..]].concat();
    assert_eq!(known(9, 9).await, (vec![head_b.clone(), head_a], all));
    assert_eq!(known(1, 9).await, (vec![head_b.clone()], of_b.to_vec()));
    assert_eq!(known(1, 1).await.1.len(), 1);
    store.remove_member(b, ada.id).await.unwrap();
    assert_eq!(known(1, 9).await.1, of_b[1..]);
}

async fn a_key_is_written_once(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    let (a, b) = (room(&store, &ada).await, room(&store, &ada).await);
    let first = draft(a, Some("k"));
    let batch = [draft(a, None), first.clone(), draft(a, Some("k")), draft(b, Some("k")), draft(a, Some("l"))];
    let stored = store.append(&batch).await.unwrap();
    let duplicate = Ok(Stored::Duplicate { seq: 2, event: first.event });
    assert_eq!(seqs(&stored), [1, 2, 0, 1, 3]);
    assert_eq!(stored[2], duplicate);
    assert_eq!(store.append(&[draft(a, Some("k"))]).await.unwrap(), std::slice::from_ref(&duplicate));
    store.close().await;
    let store = open(url).await;
    let stored = store.append(&[draft(a, None), draft(a, Some("k"))]).await.unwrap();
    assert_eq!(seqs(&stored), [4, 0]);
    assert_eq!(stored[1], duplicate);
}

async fn a_failed_batch_leaves_nothing_behind(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    let (a, b) = (room(&store, &ada).await, room(&store, &ada).await);
    store.append(&[draft(a, None)]).await.unwrap();
    // Somebody else writes to the same log: the numbers this store remembers are wrong now.
    let other = open(url).await;
    assert_eq!(seqs(&other.append(&[draft(a, None)]).await.unwrap()), [2]);
    assert!(store.append(&[draft(b, None), draft(a, None)]).await.is_err());
    assert_eq!((store.head(a).await.unwrap().1, store.head(b).await.unwrap().1), (2, 0));
    let stored = store.append(&[draft(b, None), draft(a, None)]).await.unwrap();
    assert_eq!(seqs(&stored), [1, 3]);
}

async fn a_deleted_room_takes_its_log_along_and_gets_no_new_one(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    let (a, b) = (room(&store, &ada).await, room(&store, &ada).await);
    store.append(&[draft(a, None), draft(b, None)]).await.unwrap();
    store.delete_room(a).await.unwrap();
    let stored = store.append(&[draft(a, None), draft(b, None)]).await.unwrap();
    assert_eq!(stored[0].as_ref().unwrap_err().code, vizroom_protocol::Code::NotFound);
    assert_eq!(seqs(&stored), [0, 2]);
    assert!(store.read(a, 0, 10, 1_000).await.unwrap().is_empty());
    assert_eq!(store.role(a, ada.id).await.unwrap(), None);
    assert!(matches!(store.delete_room(a).await, Err(Error::Missing("room"))));
}

async fn a_log_is_read_in_pages(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    let room = room(&store, &ada).await;
    let kinds = ["chat.message", "file.linked"];
    let drafts: Vec<_> = (0..10).map(|n| Draft { kind: kinds[n % 2], ..draft(room, None) }).collect();
    store.append(&drafts).await.unwrap();
    let numbers = |frames: Vec<(u64, String)>| frames.into_iter().map(|(seq, _)| seq).collect::<Vec<_>>();
    let read = async |after, limit, bytes| numbers(store.read(room, after, limit, bytes).await.unwrap());
    assert_eq!(read(3, 4, 1_000).await, [4, 5, 6, 7]);
    assert_eq!(read(8, 100, 1_000).await, [9, 10]);
    assert_eq!(read(0, 100, 1).await, [1], "at least one, however long");
    assert_eq!(read(0, 100, 10).await, [1, 2]);
    let history = async |before, limit, bytes, kind| {
        let (frames, more) = store.history(room, before, limit, bytes, kind).await.unwrap();
        (numbers(frames), more)
    };
    assert_eq!(history(None, 3, 1_000, None).await, (vec![8, 9, 10], true));
    assert_eq!(history(Some(3), 3, 1_000, None).await, (vec![1, 2], false));
    assert_eq!(history(None, 5, 1_000, Some("chat.message")).await, (vec![1, 3, 5, 7, 9], false));
    assert_eq!(history(Some(9), 2, 1_000, Some("chat.message")).await, (vec![5, 7], true));
    assert_eq!(history(None, 3, 1, None).await, (vec![10], true));
    assert_eq!(store.read(room, 9, 1, 99).await.unwrap(), [(10, r#"{"seq":10}"#.to_owned())]);
}

async fn a_run_is_read_from_any_place(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    let room = room(&store, &ada).await;
    // Runs of one kind, in two batches: 1 to 4, 5 and 6, 7 to 9; 10 to 12.
    let kinds = ["chat.message", "file.linked"];
    let kind = |n: usize| kinds[usize::from(matches!(n, 4 | 5))];
    store.append(&(0..9).map(|n| Draft { kind: kind(n), ..draft(room, None) }).collect::<Vec<_>>()).await.unwrap();
    store.append(&(0..3).map(|_| draft(room, None)).collect::<Vec<_>>()).await.unwrap();
    let all: Vec<u64> = (1..=12).collect();
    let numbers = |frames: &[(u64, String)]| {
        frames.iter().for_each(|(seq, frame)| assert_eq!(*frame, format!(r#"{{"seq":{seq}}}"#)));
        frames.iter().map(|(seq, _)| *seq).collect::<Vec<_>>()
    };
    for at in 0..=12 {
        for limit in 1..=12 {
            let read = store.read(room, at as u64, limit, 1_000).await.unwrap();
            assert_eq!(numbers(&read), all[at..].iter().take(limit).copied().collect::<Vec<_>>(), "{limit} after {at}");
            let (read, more) = store.history(room, Some(at as u64 + 1), limit, 1_000, None).await.unwrap();
            assert_eq!(numbers(&read), all[at.saturating_sub(limit)..at], "{limit} up to {at}");
            assert_eq!(more, at > limit);
        }
    }
    let (read, more) = store.history(room, Some(9), 5, 1_000, Some("chat.message")).await.unwrap();
    assert_eq!((numbers(&read), more), (vec![2, 3, 4, 7, 8], true));
    assert_eq!(store.event(room, 6, "file.linked").await.unwrap().as_deref(), Some(r#"{"seq":6}"#));
    assert_eq!(store.event(room, 6, "chat.message").await.unwrap(), None);
    assert_eq!(store.event(room, 13, "chat.message").await.unwrap(), None);
}

async fn a_run_does_not_grow_without_end(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    let room = room(&store, &ada).await;
    let long = |n: u64| format!(r#"{{"n":{n},"of":"{}","seq":"#, "x".repeat(5_000));
    let drafts: Vec<_> = (1..=40).map(|n| Draft { before: long(n), ..draft(room, None) }).collect();
    assert_eq!(seqs(&store.append(&drafts).await.unwrap()), (1..=40).collect::<Vec<_>>());
    // Nobody who wants little gets much: whole rows are read, and these hold seven at most.
    let read = store.read(room, 20, 3, usize::MAX).await.unwrap();
    let expected: Vec<_> = (21..=23).map(|n| (n, format!("{}{n}}}", long(n)))).collect();
    assert_eq!(read, expected);
    assert_eq!(store.head(room).await.unwrap().1, 40);
}

async fn an_event_of_a_run_is_written_anew(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    let room = room(&store, &ada).await;
    // A line break between two words of JSON means nothing; between two frames it would.
    let broken = Draft { before: "{\n\"seq\":".into(), ..draft(room, None) };
    let stored = store.append(&[draft(room, None), broken, draft(room, None)]).await.unwrap();
    let Ok(Stored::New { text, .. }) = &stored[1] else { panic!("{stored:?}") };
    assert_eq!(&**text, b"{ \"seq\":2}");
    let (one, two) = ("{\n\"rewritten\":1}", "{\n\"rewritten\":3}");
    let both = tokio::join!(store.rewrite_event(room, 1, one), store.rewrite_event(room, 3, two));
    assert!(matches!(both, (Ok(()), Ok(()))), "{both:?}");
    let frames: Vec<_> = store.read(room, 0, 9, 999).await.unwrap().into_iter().map(|(_, frame)| frame).collect();
    assert_eq!(frames, [r#"{ "rewritten":1}"#, r#"{ "seq":2}"#, r#"{ "rewritten":3}"#]);
}

async fn a_big_batch_of_many_rooms(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    let mut rooms = Vec::new();
    for _ in 0..7 {
        rooms.push(room(&store, &ada).await);
    }
    // 999 rows: every size of statement occurs.
    let batch = |round: usize| -> Vec<_> {
        let key = |n: usize| n.is_multiple_of(2).then(|| format!("{round} {n}"));
        (0..999).map(|n| draft(rooms[n % 7], key(n).as_deref())).collect()
    };
    let stored = store.append(&batch(0)).await.unwrap();
    assert_eq!(seqs(&stored), (0..999).map(|n| n / 7 + 1).collect::<Vec<u64>>());
    let again = store.append(&batch(0)).await.unwrap();
    assert_eq!(again.iter().filter(|s| matches!(s, Ok(Stored::Duplicate { .. }))).count(), 500);
    for (n, room) in rooms.iter().enumerate() {
        let frames = store.read(*room, 0, 10_000, usize::MAX).await.unwrap();
        let head = store.head(*room).await.unwrap().1;
        assert_eq!(frames.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), (1..=head).collect::<Vec<_>>(), "room {n}");
    }
}

/// Readers and writers at once: SQLite never answers "busy".
#[tokio::test]
async fn sqlite_serves_readers_and_writers_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&format!("sqlite:{}", dir.path().join("test.db").display())).await;
    let ada = user(&store, "ada@example.com").await;
    let room = room(&store, &ada).await;
    let (store, room) = (&store, &room);
    let writes = (0..50).map(|_| async move { store.append(&[draft(*room, None)]).await.map(drop) });
    let others = (0..50).map(|n| async move { user(store, &format!("{n}@example.com")).await });
    let reads = (0..50).map(|_| async move { store.read(*room, 0, 10, 1_000).await.map(drop) });
    let (written, _, read) = tokio::join!(
        futures_util::future::try_join_all(writes),
        join_all(others),
        futures_util::future::try_join_all(reads)
    );
    written.unwrap();
    read.unwrap();
    assert_eq!(store.head(*room).await.unwrap().1, 50);
}

async fn lookups_that_share_a_query_keep_their_own_answers(url: &str) {
    let store = open(url).await;
    let (ada, bob) = (user(&store, "ada@example.com").await, user(&store, "bob@example.com").await);
    let mut rooms = Vec::new();
    for n in 0..90 {
        let id = room(&store, if n % 3 == 0 { &ada } else { &bob }).await;
        let drafts: Vec<_> = (0..n % 4).map(|_| draft(id, None)).collect();
        store.append(&drafts).await.unwrap();
        rooms.push(id);
    }
    let asked = || join_all(rooms.iter().map(|id| store.role(*id, ada.id)));
    for polls in 0..20 {
        // These ask first, and give up: whoever asks for all may be among them.
        let (mut gone, mut rest) = (Box::pin(asked()), Box::pin(asked()));
        for _ in 0..polls {
            if poll!(&mut gone).is_ready() {
                break;
            }
            assert!(poll!(&mut rest).is_pending(), "it asked later");
            tokio::task::yield_now().await;
        }
        drop(gone);
        for (n, role) in rest.await.into_iter().enumerate() {
            assert_eq!(role.unwrap(), (n % 3 == 0).then_some(Role::Owner), "room {n}");
        }
    }
    let heads = join_all(rooms.iter().map(|id| store.head(*id))).await;
    for (n, head) in heads.into_iter().enumerate() {
        assert_eq!(head.unwrap(), ("e1".into(), n as u64 % 4));
    }
}
