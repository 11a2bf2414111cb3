//! A connection's kernel: two buffers, and the edges that an event loop is told of.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::{Arc, Mutex, Weak};

use mio::{Registry, Token};

use super::model::World;
use crate::lock;
use crate::peer::Socket;

/// What both sides see.
pub struct Pipe {
    pub to_server: VecDeque<u8>,
    pub to_client: VecDeque<u8>,
    /// Bytes that wait for the client, at most.
    pub capacity: usize,
    /// A write did not fit: the server hears when something does.
    pub starved: bool,
    /// The client writes no more.
    pub hung_up: bool,
    /// Every call fails.
    pub broken: bool,
    /// The server writes no more.
    pub finished: bool,
    pub readable: bool,
    pub writable: bool,
    /// Bytes the server has written, and read.
    pub written: u64,
    pub read: u64,
}

impl Pipe {
    pub fn new(capacity: usize) -> Self {
        Self {
            to_server: VecDeque::new(),
            to_client: VecDeque::new(),
            capacity,
            starved: false,
            hung_up: false,
            broken: false,
            finished: false,
            readable: true,
            writable: true,
            written: 0,
            read: 0,
        }
    }

    /// The client takes `n` bytes.
    pub fn take(&mut self, n: usize) -> Vec<u8> {
        let n = n.min(self.to_client.len());
        let taken = self.to_client.drain(..n).collect();
        self.told_of_space();
        taken
    }

    /// Wakes the server's side if it waits for space and there is some.
    pub fn told_of_space(&mut self) {
        if self.starved && self.to_client.len() < self.capacity {
            self.starved = false;
            self.writable = true;
        }
    }

    pub fn cut(&mut self, broken: bool) {
        self.hung_up = true;
        self.broken |= broken;
        self.readable = true;
        self.writable |= broken;
    }
}

/// The server's end.
pub struct Wire {
    pub pipe: Arc<Mutex<Pipe>>,
    pub world: Weak<World>,
}

impl Socket for Wire {
    fn read(&self, into: &mut [u8]) -> io::Result<usize> {
        let mut pipe = lock(&self.pipe);
        if pipe.broken {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        if pipe.to_server.is_empty() {
            return if pipe.hung_up { Ok(0) } else { Err(io::ErrorKind::WouldBlock.into()) };
        }
        let n = into.len().min(pipe.to_server.len());
        into.iter_mut().zip(pipe.to_server.drain(..n)).for_each(|(to, from)| *to = from);
        pipe.read += n as u64;
        Ok(n)
    }

    fn write(&self, from: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut pipe = lock(&self.pipe);
        if pipe.broken || pipe.finished {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let len: usize = from.iter().map(|slice| slice.len()).sum();
        let n = len.min(pipe.capacity.saturating_sub(pipe.to_client.len()));
        let mut left = n;
        for slice in from {
            let part = left.min(slice.len());
            pipe.to_client.extend(&slice[..part]);
            left -= part;
        }
        pipe.starved |= n < len;
        pipe.written += n as u64;
        drop(pipe);
        // Others do not wait while somebody writes.
        if let Some(world) = self.world.upgrade() {
            world.interrupt();
        }
        if n == 0 && len > 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(n) }
    }

    fn finish(&self) {
        lock(&self.pipe).finished = true;
    }

    fn watch(&self, _: &Registry, _: Token, _: bool) -> io::Result<()> {
        Ok(())
    }
}
