//! Recordings: one file a request, the head as text, the body byte by byte; and one, `recorded-at`, with
//! the time at which the recording began.
//!
//! ```text
//! decile recording 1
//! GET https://query2.finance.yahoo.com/v8/finance/chart/AAPL?interval=1d
//! status: 200
//! retrieved-at: 2025-02-20T11:47:42Z
//! content-type: application/json;charset=utf-8
//!
//! {"chart":…
//! ```

use super::reply::ReplyHeaders;
use super::{Reply, Request};
use crate::{Error, Secret};
use chrono::{DateTime, SecondsFormat, Utc};
use std::fs;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};

const MAGIC: &str = "decile recording 1";
const EXTENSION: &str = "http";
/// The file beside the replies that says at what time they are replayed.
const TIME: &str = "recorded-at";
/// A head is a URL and a few headers; more is not a recording.
const HEAD_SIZE_MAX: u64 = 64 * 1024;

/// A request with its reply, as a file of a recording.
///
/// ```
/// use decile_providers::{Cassette, Reply, Request, Transport};
///
/// let folder = tempfile::tempdir()?;
/// let request = Request::get("https://example.com/prices?symbol=KO".parse()?);
/// let time = "2025-02-20T11:47:42Z".parse()?;
/// let reply = Reply::new(request.url().clone(), 200, time, "59.82");
/// Cassette::new(&request, &reply).write(folder.path())?;
///
/// let transport = Transport::builder().replay(folder.path()).build()?;
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// assert_eq!(transport.send(&request).await?, reply);
/// assert_eq!(transport.recorded_at(), Some(time));
/// # Ok::<(), decile_providers::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cassette {
    request: String,
    reply: Reply,
}

impl Cassette {
    /// Puts a reply down beside its request, without secrets: cookies keep their names alone, and a
    /// reply that is itself a secret is masked.
    #[must_use]
    pub fn new(request: &Request, reply: &Reply) -> Self {
        let cookies = reply.cookies().iter().map(|cookie| {
            let name = cookie.reveal().split('=').next().unwrap_or_default();
            Secret::new(format!("{name}={}", Secret::MASK))
        });
        let headers = ReplyHeaders { cookies: cookies.collect(), ..reply.headers().clone() };
        let masked = request.has_secret_reply() && reply.is_success();
        let body = if masked { Secret::MASK.as_bytes() } else { reply.body() };
        let reply = Reply::new(request.url().clone(), reply.status(), reply.retrieved_at(), body);
        Self { request: request.to_string(), reply: reply.with_headers(headers) }
    }

    /// Writes the file into a folder, whole or not at all; a reply to the same request gives way.
    ///
    /// # Errors
    /// [`Error::Recording`] if the system refuses.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(self.file_name());
        let fail = |source| Error::Recording { action: "write", path: path.clone(), source };
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
        file.write_all(self.head().as_bytes()).map_err(fail)?;
        file.write_all(self.reply.body()).map_err(fail)?;
        file.persist(&path).map_err(|error| fail(error.error))?;
        Ok(())
    }

    fn head(&self) -> String {
        let headers = self.reply.headers();
        let time = self.reply.retrieved_at().to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let mut head = format!("{MAGIC}\n{}\nstatus: {}\n", self.request, self.reply.status());
        let mut line = |name: &str, value: &str| head.push_str(&format!("{name}: {value}\n"));
        line("retrieved-at", &time);
        headers.content_type.iter().for_each(|value| line("content-type", value));
        headers.retry_after.iter().for_each(|value| line("retry-after", value));
        headers.cookies.iter().for_each(|cookie| line("set-cookie", cookie.reveal()));
        head.push('\n');
        head
    }

    /// Names the file after host and path, for people, and a hash of the request, to tell queries
    /// apart.
    fn file_name(&self) -> String {
        let place = self.reply.url().host_str().unwrap_or_default().to_owned();
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '.';
        let place = (place + self.reply.url().path()).replace(|c| !allowed(c), "-");
        let place: String = place.chars().take(80).collect();
        format!("{place}-{:016x}.{EXTENSION}", fnv1a(self.request.as_bytes()))
    }

    /// Reads a file; `body_size_max` bounds what is read.
    pub(super) fn read(path: &Path, body_size_max: usize) -> Result<Self, Error> {
        let fail = |source| Error::Recording { action: "read", path: path.to_owned(), source };
        let size_max = HEAD_SIZE_MAX.saturating_add(body_size_max as u64);
        let mut bytes = Vec::new();
        let mut file = fs::File::open(path).map_err(fail)?;
        io::Read::read_to_end(&mut io::Read::take(&mut file, size_max), &mut bytes)
            .map_err(fail)?;
        let mut rest = &bytes[..];
        let head = Head::read(&mut rest, path)?;
        let reply = Reply::new(head.url, head.status, head.retrieved_at, rest);
        Ok(Self { request: head.request, reply: reply.with_headers(head.headers) })
    }

    pub(super) fn into_reply(self) -> Reply {
        self.reply
    }
}

/// Everything of a recording but its body.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) request: String,
    pub(super) retrieved_at: DateTime<Utc>,
    url: reqwest::Url,
    status: u16,
    headers: ReplyHeaders,
}

impl std::fmt::Debug for ReplyHeaders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReplyHeaders")
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

impl Head {
    /// Reads up to the empty line and leaves the body.
    fn read(bytes: &mut impl BufRead, path: &Path) -> Result<Self, Error> {
        let bad = |what| Error::InvalidRecording { path: path.to_owned(), what };
        let fail = |source| Error::Recording { action: "read", path: path.to_owned(), source };
        let mut line = || -> Result<String, Error> {
            let mut line = String::new();
            bytes.read_line(&mut line).map_err(fail)?;
            line.pop().filter(|last| *last == '\n').ok_or_else(|| bad("its head is cut off"))?;
            Ok(line)
        };
        if line()? != MAGIC {
            return Err(bad("its first line is not \"decile recording 1\""));
        }
        let request = line()?;
        let url = request.strip_prefix("GET ").and_then(|url| url.parse().ok());
        let url = url.ok_or_else(|| bad("its second line is not GET and a URL"))?;
        let (mut status, mut retrieved_at) = (None, None);
        let mut headers = ReplyHeaders::default();
        loop {
            let line = line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) =
                line.split_once(": ").ok_or_else(|| bad("a header has no colon"))?;
            match name {
                "status" => status = value.parse().ok(),
                "retrieved-at" => retrieved_at = value.parse().ok(),
                "content-type" => headers.content_type = Some(value.to_owned()),
                "retry-after" => headers.retry_after = Some(value.to_owned()),
                "set-cookie" => headers.cookies.push(Secret::new(value)),
                _ => return Err(bad("it has a header that no recording has")),
            }
        }
        Ok(Self {
            request,
            url,
            headers,
            status: status.ok_or_else(|| bad("it has no status"))?,
            retrieved_at: retrieved_at.ok_or_else(|| bad("it has no retrieved-at"))?,
        })
    }
}

/// Writes down at what time a recording is to be replayed.
pub(super) fn write_time(folder: &Path, time: DateTime<Utc>) -> Result<(), Error> {
    let path = folder.join(TIME);
    let fail = |source| Error::Recording { action: "write", path: path.clone(), source };
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    let text = time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    writeln!(file, "{text}").map_err(fail)?;
    file.persist(&path).map_err(|error| fail(error.error))?;
    Ok(())
}

/// Reads at what time a recording is to be replayed; `None` if it does not say.
pub(super) fn read_time(folder: &Path) -> Result<Option<DateTime<Utc>>, Error> {
    let path = folder.join(TIME);
    match fs::read_to_string(&path) {
        Ok(text) => match text.trim_end().parse() {
            Ok(time) => Ok(Some(time)),
            Err(_) => Err(Error::InvalidRecording { path, what: "it is no time" }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Recording { action: "read", path, source }),
    }
}

/// Reads the heads of all recordings in a folder.
pub(super) fn heads(folder: &Path) -> Result<Vec<(PathBuf, Head)>, Error> {
    let fail = |source| Error::Recording { action: "read", path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.extension().is_some_and(|extension| extension == EXTENSION) {
            paths.push(path);
        }
    }
    paths.sort();
    let head = |path: PathBuf| {
        let fail = |source| Error::Recording { action: "read", path: path.clone(), source };
        let file = fs::File::open(&path).map_err(fail)?;
        let head = io::Read::take(file, HEAD_SIZE_MAX);
        let head = Head::read(&mut io::BufReader::new(head), &path)?;
        Ok((path, head))
    };
    paths.into_iter().map(head).collect()
}

/// FNV-1a, 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>): names must not change with the
/// release of a library.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        // Test vectors of the authors.
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn secrets_are_not_recorded() {
        let url: reqwest::Url = "https://example.com/getcrumb".parse().unwrap();
        let request = Request::get(url.clone()).secret_reply();
        let cookies = vec![Secret::new("A3=d=AQABBG")];
        let headers = ReplyHeaders { cookies, ..ReplyHeaders::default() };
        let reply = Reply::new(url, 200, DateTime::UNIX_EPOCH, "aaBBccDD.ee").with_headers(headers);
        let folder = tempfile::tempdir().unwrap();
        Cassette::new(&request, &reply).write(folder.path()).unwrap();
        let (path, _) = heads(folder.path()).unwrap().remove(0);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("set-cookie: A3=REDACTED\n\nREDACTED"), "{text}");
        assert!(!text.contains("aaBB") && !text.contains("AQAB"), "{text}");
    }

    #[test]
    fn what_is_not_a_recording_is_named() {
        let folder = tempfile::tempdir().unwrap();
        for bad in ["", "decile recording 1\nGET https://a.b/\nstatus: 200\n", "HTTP/1.1 200 OK\n"]
        {
            let path = folder.path().join("x.http");
            fs::write(&path, bad).unwrap();
            let error = heads(folder.path()).unwrap_err();
            assert!(matches!(&error, Error::InvalidRecording { path: p, .. } if *p == path));
        }
    }
}
