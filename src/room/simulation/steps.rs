//! What may happen between two moments, and how a run comes to rest.

use vizroom_protocol::room::Position;

use super::journal::{EPOCH, Fate};
use super::line::{ASKS, Ask, Call, room_id};
use super::pull::Pull;
use super::random::Random;
use super::run::Run;
use crate::{Close, Tail, lock};

/// Rounds until everything must have come to rest.
const ROUNDS_MAX: usize = 20_000;

/// A step: its name, how often it is taken, what it does.
type Step = (&'static str, u64, fn(&mut Run, &mut Random) -> String);

pub const STEPS: &[Step] = &[
    ("connect", 100, connect),
    ("ask", 300, ask),
    ("send", 200, send),
    ("read", 200, read),
    ("react", 500, react),
    ("tasks", 300, tasks),
    ("decide", 200, decide),
    ("outsider", 100, outsider),
    ("capacity", 20, capacity),
    ("hang up", 10, hang_up),
    ("kick", 10, kick),
    ("delete", 2, delete),
    ("forget", 10, forget),
    ("revoke", 2, revoke),
    ("pull", 10, pull),
    ("turn", 20, turn),
    ("stop pulling", 3, stop_pulling),
    ("time", 10, time),
    ("wall clock", 2, wall_clock),
    ("refresh", 3, refresh),
    ("spurious", 10, spurious),
    ("crash", 3, crash),
];

fn connect(run: &mut Run, r: &mut Random) -> String {
    if run.clients.iter().filter(|c| c.is_open()).count() >= run.setup.clients_max {
        return "nobody".into();
    }
    let user = r.below(run.setup.users);
    let capacity = r.of(&[0, 1, 10, 300, 1_000, 5_000, 1 << 20, 1 << 20]);
    let good_for_ms = r.of(&[1_000, 60_000, 1 << 40, 1 << 40, 1 << 40]);
    run.connect(user, capacity, good_for_ms);
    format!("user {user}, {capacity} bytes, for {good_for_ms} ms")
}

fn size(run: &Run, r: &mut Random) -> u64 {
    let unusual = run.setup.size_max == 3_000 && r.percent(3);
    if unusual { 65_000 + r.below(1_000) as u64 } else { r.below(run.setup.size_max) as u64 }
}

fn some(run: &Run, r: &mut Random) -> Option<usize> {
    let open: Vec<usize> = (0..run.clients.len()).filter(|at| run.clients[*at].is_open()).collect();
    (!open.is_empty()).then(|| r.of(&open))
}

fn ask(run: &mut Run, r: &mut Random) -> String {
    let Some(at) = some(run, r) else { return "nobody".into() };
    let often = [6, 4, 12, 1, 5, 12, 4, 12, 12, 2, 2, u64::from(r.percent(20))];
    let ask = ASKS[r.weighted(&often)];
    let room = r.below(run.setup.rooms) as u8;
    let key = r.below(6) as u8;
    let number = match ask {
        Ask::JoinAfter | Ask::JoinElsewhere => {
            let seen: Vec<u64> = run.seen.iter().filter(|(at, _)| *at == room).map(|(_, seq)| *seq).collect();
            let newest = seen.iter().max().copied().unwrap_or(0);
            let some = if seen.is_empty() { 0 } else { r.of(&seen) };
            let invented = r.draw() % 20;
            r.of(&[newest, newest, some, 0, invented, u64::MAX])
        }
        _ => size(run, r),
    };
    let client = &mut run.clients[at];
    if ask == Ask::Close {
        client.codes.insert(Close::Normal as u16);
    }
    let replied = !matches!(ask, Ask::Close | Ask::Pong);
    client.ask(Call { ask, room, key, id: 0, number }, replied);
    if r.percent(70) {
        client.send(usize::MAX);
    }
    format!("connection {}: {ask:?} room {room}, key {key}, {number}", client.conn)
}

fn send(run: &mut Run, r: &mut Random) -> String {
    let Some(at) = some(run, r) else { return "nobody".into() };
    let n = r.of(&[1, 5, 16, 40, 1 << 20]);
    run.clients[at].send(n);
    format!("connection {}: {n} bytes", run.clients[at].conn)
}

fn read(run: &mut Run, r: &mut Random) -> String {
    if run.clients.is_empty() {
        return "nobody".into();
    }
    let at = r.below(run.clients.len());
    let n = r.of(&[1, 20, 300, 1_000, 10_000, 1 << 30]);
    run.read(at, n);
    format!("connection {}: {n} bytes", run.clients[at].conn)
}

fn capacity(run: &mut Run, r: &mut Random) -> String {
    let Some(at) = some(run, r) else { return "nobody".into() };
    let n = r.of(&[0, 1, 10, 300, 1_000, 5_000, 1 << 20]);
    let mut pipe = lock(&run.clients[at].pipe);
    pipe.capacity = n;
    pipe.told_of_space();
    format!("connection {}: {n} bytes", run.clients[at].conn)
}

fn hang_up(run: &mut Run, r: &mut Random) -> String {
    let Some(at) = some(run, r) else { return "nobody".into() };
    let broken = r.percent(50);
    let client = &mut run.clients[at];
    client.gone = true;
    lock(&client.pipe).cut(broken);
    format!("connection {}, broken: {broken}", client.conn)
}

fn react(run: &mut Run, r: &mut Random) -> String {
    let (index, n) = (r.below(run.cores.len()), r.of(&[1, 1, 2, 4, 8, 30]));
    let done = (0..n).take_while(|_| run.react(index, false)).count();
    format!("reactor {index}: {done} of {n}")
}

fn tasks(run: &mut Run, r: &mut Random) -> String {
    let n = r.of(&[1, 1, 2, 5, 20]);
    run.tasks(n);
    format!("{n}")
}

fn decide(run: &mut Run, r: &mut Random) -> String {
    let waiting = run.world.store.waiting();
    if waiting.is_empty() {
        return "nothing".into();
    }
    let at = r.below(waiting.len());
    let what = waiting[at];
    let may_fail = what != "appended" || run.setup.answers_get_lost;
    let fate = if may_fail && r.percent(run.setup.fail_percent) { Fate::Fail } else { Fate::Go };
    if fate == Fate::Fail && what.ends_with("read") {
        run.allow(Close::Draining, |_| true);
    }
    run.world.store.decide(at, fate);
    format!("{what}: {fate:?}")
}

fn outsider(run: &mut Run, r: &mut Random) -> String {
    let (room, size, what, key) = (r.below(run.setup.rooms), size(run, r) as usize, r.below(4), r.below(6) as u8);
    let n = r.of(&[1, 1, 1, 5, 20]);
    let (world, hub) = (run.world.clone(), run.hub.clone());
    run.runtime.spawn(async move {
        for i in 0..n {
            let Ok(room) = hub.room(room_id(room)).await else { return };
            match what {
                // What becomes of it shows in the log.
                0 | 1 => drop(world.tell(&hub, &room, (what == 1).then(|| format!("d{key}")), size).await),
                2 => world.tell_newest(&hub, &room, key + i % 2, size),
                _ => world.tell_passing(&hub, &room, size),
            }
        }
    });
    format!("room {room}: {n} of {}, {size} bytes", ["durable", "durable, once", "newest", "passing"][what])
}

fn kick(run: &mut Run, r: &mut Random) -> String {
    let (room, user) = (r.below(run.setup.rooms), r.below(run.setup.users));
    run.put_out(room, Some(user), |hub| hub.kick_user(room_id(room), super::line::user_id(user)));
    format!("user {user} out of room {room}")
}

fn delete(run: &mut Run, r: &mut Random) -> String {
    let number = r.below(run.setup.rooms);
    let id = room_id(number);
    run.world.store.delete(id);
    if let Some(room) = run.hub.opened(id) {
        run.world.tell_passing(&run.hub, &room, 1);
    }
    run.put_out(number, None, |hub| hub.close_room(id));
    format!("room {number}")
}

fn forget(run: &mut Run, _: &mut Random) -> String {
    run.hub.forget_idle_rooms();
    format!("{} left", run.hub.rooms())
}

fn revoke(run: &mut Run, r: &mut Random) -> String {
    let user = r.below(run.setup.users);
    run.allow(Close::Revoked, |c| c.user == user);
    run.hub.revoke_family(&format!("f{user}"));
    format!("user {user}")
}

fn pull(run: &mut Run, r: &mut Random) -> String {
    let id = room_id(r.below(run.setup.rooms));
    let Some(room) = run.hub.opened(id).filter(|_| run.pulls.len() < 3) else { return "nothing".into() };
    let history = run.world.meet(&room);
    run.world.sync();
    let seq = if r.percent(50) { Some(r.draw() % (room.head() + 1)) } else { None };
    let position = seq.map(|seq| Position { epoch: EPOCH.into(), seq });
    let after = seq.unwrap_or(room.head());
    let places = {
        let told = &lock(&run.world.model).histories[history];
        (told.place_after(seq), told.told.len())
    };
    let Some(tail) = Tail::new(run.hub.clone(), room, position.as_ref()) else {
        run.world.fail("a right position is not known");
        return "wrong".into();
    };
    let _inside = run.runtime.enter();
    run.pulls.push(Pull::new(tail, history, after, places));
    format!("room {id} after {after}")
}

fn turn(run: &mut Run, r: &mut Random) -> String {
    if run.pulls.is_empty() {
        return "nobody".into();
    }
    run.pulls[r.below(run.pulls.len())].turns.add_permits(1);
    String::new()
}

fn stop_pulling(run: &mut Run, r: &mut Random) -> String {
    if run.pulls.is_empty() {
        return "nobody".into();
    }
    let pull = run.pulls.swap_remove(r.below(run.pulls.len()));
    pull.stop();
    String::new()
}

fn time(run: &mut Run, r: &mut Random) -> String {
    let (ms, lively) = (r.of(&[10, 300, 1_000, 3_000, 10_000]), r.percent(70));
    run.pass(ms, lively);
    format!("{ms} ms, lively: {lively}")
}

fn wall_clock(run: &mut Run, r: &mut Random) -> String {
    let ms = r.of(&[-100_000_000, -5_000, 5_000, 50_000, 100_000_000]);
    run.clock.advance(ms);
    format!("{ms} ms")
}

fn refresh(run: &mut Run, r: &mut Random) -> String {
    let Some(at) = some(run, r) else { return "nobody".into() };
    let client = &mut run.clients[at];
    client.expires_ms = run.clock.now_ms() + r.of(&[1_000, 1 << 40]);
    if let Some(peer) = client.peer.upgrade() {
        peer.expires_ms.store(client.expires_ms, std::sync::atomic::Ordering::Relaxed);
    }
    format!("connection {}", client.conn)
}

fn spurious(run: &mut Run, r: &mut Random) -> String {
    let Some(at) = some(run, r) else { return "nobody".into() };
    let mut pipe = lock(&run.clients[at].pipe);
    pipe.readable |= r.percent(50);
    pipe.writable |= r.percent(50);
    format!("connection {}", run.clients[at].conn)
}

fn crash(run: &mut Run, r: &mut Random) -> String {
    let arrives = r.percent(50);
    run.crash(arrives);
    format!("what was written arrives: {arrives}")
}

impl Run {
    /// Lets everything come to rest: the store answers, clients read, nobody begins anything.
    pub fn rest(&mut self) {
        self.world.store.hurry();
        self.pulls.iter().for_each(|p| p.turns.add_permits(1 << 20));
        let mut still = 0;
        for round in 0..ROUNDS_MAX {
            let mut moved = round < 3;
            if moved {
                // A second has passed: what the store could not say, it is asked again.
                self.hub.committer.again.notify_waiters();
            }
            if !moved {
                // Now nobody begins anything.
                lock(&self.world.interrupts).1 = 0;
            }
            while !self.world.store.waiting().is_empty() {
                self.world.store.decide(0, Fate::Go);
                moved = true;
            }
            let before = self.moved();
            for at in 0..self.clients.len() {
                let mut pipe = lock(&self.clients[at].pipe);
                pipe.capacity = usize::MAX;
                pipe.told_of_space();
                drop(pipe);
                self.clients[at].send(usize::MAX);
                self.read(at, usize::MAX);
            }
            // Everybody has more than one turn.
            self.tasks(20 + 2 * self.runtime.metrics().num_alive_tasks());
            for index in 0..self.cores.len() {
                moved |= self.round(index, false);
            }
            if still == 2 {
                // What may wait a moment for more has waited.
                self.moment();
            }
            moved |= before != self.moved();
            still = if moved { 0 } else { still + 1 };
            if still > 4 || lock(&self.world.wrong).is_some() {
                return;
            }
        }
        self.world.fail("it never comes to rest");
    }

    /// What grows while anything goes on.
    fn moved(&self) -> u64 {
        let pipes = self.clients.iter().map(|c| lock(&c.pipe));
        let told: usize = lock(&self.world.model).histories.iter().map(|h| h.told.len()).sum();
        self.world.store.asked() + told as u64 + pipes.map(|p| p.written + p.read).sum::<u64>()
    }

    /// Ends everything, one way or another, and looks at what is left.
    pub fn finish(&mut self, r: &mut Random) {
        self.pulls.drain(..).for_each(|p| p.stop());
        match r.below(3) {
            0 => {
                self.allow(Close::Draining, |_| true);
                let hub = self.hub.clone();
                let drained = self.runtime.spawn(async move { hub.drain().await });
                self.rest();
                // Who has heard the close frame hangs up.
                self.hang_up_all(true);
                self.rest();
                if !drained.is_finished() {
                    self.world.fail("the drain does not end");
                }
            }
            1 => {
                self.clients.iter_mut().for_each(|c| c.answers_pings = false);
                self.pass(4 * self.setup.limits.ping_after_ms + 4_000, true);
                self.rest();
            }
            _ => {
                self.hang_up_all(false);
                self.rest();
            }
        }
        self.judge(false);
        if self.hub.connections() > 0 {
            self.world.fail(format!("{} connections do not end", self.hub.connections()));
        }
        if self.weak_peers().iter().any(|p| p.strong_count() > 0) {
            self.world.fail("a connection that has ended is kept");
        }
        let model = lock(&self.world.model);
        for room in model.histories.iter().filter_map(|h| h.room.upgrade()) {
            if room.connected() > 0 || !lock(&room.present).is_empty() {
                self.world.fail("somebody is left in a room");
            }
            if room.crowd.iter().any(|n| n.load(std::sync::atomic::Ordering::SeqCst) > 0) {
                self.world.fail("a room counts members that are not there");
            }
        }
        drop(model);
        self.hub.forget_idle_rooms();
        self.hub.forget_idle_rooms();
        if self.hub.rooms() > 0 {
            self.world.fail(format!("{} rooms are kept", self.hub.rooms()));
        }
    }

    fn hang_up_all(&mut self, closed: bool) {
        for client in self.clients.iter_mut().filter(|c| !closed || c.closed.is_some()) {
            client.gone = true;
            lock(&client.pipe).cut(false);
        }
    }
}
