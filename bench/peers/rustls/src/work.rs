//! The operations, step by step as bench/tls/handshakes.cc and bench/tls/records.cc have them: many side by side, and what
//! the opposite end does in between is not measured.
use std::io::{self, BufRead, Write};

use rustls::{ClientConnection, ConnectionCommon, HandshakeKind, ServerConnection, SideData};

use crate::ends::Ends;
use crate::Outcome;

/// Does a batch of operations and says how many they were.
pub type Work = Box<dyn FnMut(&mut Clock) -> Outcome<usize>>;

pub const HANDSHAKES: usize = 8;
const RECORDS: usize = 64;

/// The CPU time of measured steps, in nanoseconds.
#[derive(Default)]
pub struct Clock {
    pub spent: f64,
}

impl Clock {
    pub fn measure<T>(&mut self, step: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        let before = cpu_ns();
        let done = step()?;
        self.spent += cpu_ns() - before;
        Ok(done)
    }
}

fn cpu_ns() -> f64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: it writes to `now` alone, which lives until it returns.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut now) };
    now.tv_sec as f64 * 1e9 + now.tv_nsec as f64
}

fn require(done: bool, what: &str) -> Outcome<()> {
    done.then_some(()).ok_or_else(|| format!("{what} failed").into())
}

/// Takes what the peer sent.
fn advance<T: SideData>(end: &mut ConnectionCommon<T>, mut wire: &[u8]) -> Outcome<()> {
    while !wire.is_empty() {
        end.read_tls(&mut wire)?;
        end.process_new_packets()?;
    }
    Ok(())
}

fn take_output<T: SideData>(end: &mut ConnectionCommon<T>) -> Outcome<Vec<u8>> {
    let mut output = Vec::new();
    while end.wants_write() {
        end.write_tls(&mut output)?;
    }
    Ok(output)
}

/// Whether it is done, and went on from a session if it should: a ticket that was not taken would be a full handshake.
fn require_complete<T: SideData>(end: &ConnectionCommon<T>, ends: &Ends) -> Outcome<()> {
    let wanted = if ends.resumed { HandshakeKind::Resumed } else { HandshakeKind::Full };
    require(!end.is_handshaking() && end.handshake_kind() == Some(wanted), "a handshake as it is wanted")
}

/// Carries bytes both ways until nobody has more to say; a ticket is read as well.
fn connect(client: &mut ClientConnection, server: &mut ServerConnection) -> Outcome<()> {
    while client.wants_write() || server.wants_write() {
        advance(server, &take_output(client)?)?;
        advance(client, &take_output(server)?)?;
    }
    Ok(())
}

/// Whole handshakes to begin with, which give clients the sessions that the others go on from, if they do: a ticket of
/// TLS 1.3 is good for one, and each handshake brings the next.
fn connect_first(ends: &Ends) -> Outcome<()> {
    for client in &mut (0..HANDSHAKES).map(|_| ends.client()).collect::<Outcome<Vec<_>>>()? {
        connect(client, &mut ends.server()?)?;
    }
    let (mut client, mut server) = (ends.client()?, ends.server()?);
    connect(&mut client, &mut server)?;
    require_complete(&client, ends)?;
    require_complete(&server, ends)
}

/// One end of each handshake, and what the other one has said to it last.
type Many<T> = Vec<(T, Vec<u8>)>;

pub fn server(ends: Ends) -> Outcome<Work> {
    connect_first(&ends)?;
    Ok(Box::new(move |clock| {
        let mut clients: Many<ClientConnection> = Vec::new();
        for _ in 0..HANDSHAKES {
            let mut client = ends.client()?;
            let hello = take_output(&mut client)?;
            clients.push((client, hello));
        }
        let mut servers = Vec::with_capacity(HANDSHAKES);
        clock.measure(|| {
            for (_, hello) in &clients {
                let mut server = ends.server()?;
                advance(&mut server, hello)?;
                servers.push(server);
            }
            Ok(())
        })?;
        for ((client, flight), server) in clients.iter_mut().zip(&mut servers) {
            advance(client, &take_output(server)?)?;
            *flight = take_output(client)?;
        }
        clock.measure(|| {
            for ((_, flight), server) in clients.iter().zip(&mut servers) {
                advance(server, flight)?;
                require_complete(server, &ends)?;
            }
            Ok(())
        })?;
        for ((client, _), server) in clients.iter_mut().zip(&mut servers) {
            advance(client, &take_output(server)?)?; // a ticket for the next
        }
        clock.measure(|| {
            drop(servers);
            Ok(HANDSHAKES)
        })
    }))
}

pub fn client(ends: Ends) -> Outcome<Work> {
    connect_first(&ends)?;
    Ok(Box::new(move |clock| {
        let mut clients = Vec::with_capacity(HANDSHAKES);
        clock.measure(|| {
            for _ in 0..HANDSHAKES {
                clients.push(ends.client()?);
            }
            Ok(())
        })?;
        let mut servers: Many<ServerConnection> = Vec::new();
        for client in &mut clients {
            let mut server = ends.server()?;
            advance(&mut server, &take_output(client)?)?;
            let flight = take_output(&mut server)?;
            servers.push((server, flight));
        }
        clock.measure(|| {
            for (client, (_, flight)) in clients.iter_mut().zip(&servers) {
                advance(client, flight)?;
            }
            Ok(())
        })?;
        for (client, (server, flight)) in clients.iter_mut().zip(&mut servers) {
            advance(server, &take_output(client)?)?;
            require_complete(server, &ends)?;
            *flight = take_output(server)?;
        }
        clock.measure(|| {
            for (client, (_, flight)) in clients.iter_mut().zip(&mut servers) {
                if client.is_handshaking() {
                    advance(client, &std::mem::take(flight))?; // TLS 1.2
                }
                require_complete(client, &ends)?;
            }
            Ok(())
        })?;
        for (client, (_, flight)) in clients.iter_mut().zip(&servers) {
            advance(client, flight)?; // a ticket for the next, of TLS 1.3
        }
        clock.measure(|| {
            drop(clients);
            Ok(HANDSHAKES)
        })
    }))
}

/// A socket that takes all it is given.
struct Socket {
    taken: usize,
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.taken += bytes.len();
        Ok(bytes.len())
    }

    fn write_vectored(&mut self, pieces: &[io::IoSlice<'_>]) -> io::Result<usize> {
        pieces.iter().map(|piece| self.write(piece)).sum()
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// From the caller's buffer to records that a socket would take.
pub fn sender(ends: Ends, size: usize) -> Outcome<Work> {
    let (mut client, mut server) = (ends.client()?, ends.server()?);
    connect(&mut client, &mut server)?;
    let data = vec![1; size];
    Ok(Box::new(move |clock| {
        clock.measure(|| {
            for _ in 0..RECORDS {
                let mut socket = Socket { taken: 0 };
                server.writer().write_all(&data)?;
                while server.wants_write() {
                    server.write_tls(&mut socket)?;
                }
                require(socket.taken > size, "a record")?;
            }
            Ok(RECORDS)
        })
    }))
}

/// From a record in a socket, out of which `read_tls` copies, to the plaintext where it can be read without another copy.
pub fn receiver(ends: Ends, size: usize) -> Outcome<Work> {
    let (mut client, mut server) = (ends.client()?, ends.server()?);
    connect(&mut client, &mut server)?;
    let data = vec![1; size];
    Ok(Box::new(move |clock| {
        let mut socket = Vec::new();
        for _ in 0..RECORDS {
            server.writer().write_all(&data)?;
            socket.push(take_output(&mut server)?);
        }
        clock.measure(|| {
            for record in &socket {
                advance(&mut client, record)?;
                require(client.reader().fill_buf()?.len() == size, "data")?;
                client.reader().consume(size);
            }
            Ok(RECORDS)
        })
    }))
}
