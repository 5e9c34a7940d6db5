//! The recordings, and a server for each.

use crate::support::{Server, reply};
use decile_providers::Transport;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

/// A reply as it was recorded.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    /// Folder and name.
    pub(crate) file: String,
    pub(crate) status: u16,
    /// Path of the URL, if there is one.
    pub(crate) path: Option<String>,
    headers: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Recording {
    /// Returns the name without its folder.
    pub(crate) fn name(&self) -> &str {
        self.file.rsplit('/').next().unwrap_or_default()
    }

    /// Returns the last part of the path, which is the symbol where a path ends in one.
    pub(crate) fn last(&self) -> &str {
        self.path.as_deref().and_then(|path| path.rsplit('/').next()).unwrap_or_default()
    }

    /// Returns the body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{}: {error}", self.file))
    }

    pub(crate) fn write(&self, stream: &mut std::net::TcpStream) {
        reply(stream, self.status, &self.headers, &self.body);
    }

    /// Tells whether the recording answers a request for this path and query.
    pub(crate) fn answers(&self, target: &str) -> bool {
        let path = target.split('?').next().unwrap_or_default();
        self.path.as_deref().is_none_or(|recorded| recorded == path)
    }
}

/// All recordings.
#[derive(Debug)]
pub(crate) struct Shelf {
    recordings: Vec<Recording>,
}

impl Shelf {
    pub(crate) fn open() -> Self {
        let root = std::env::var_os("DECILE_SHARED")
            .expect("set DECILE_SHARED to the directory that holds recorded/index.json");
        let root = PathBuf::from(root).join("recorded");
        let read = |name: &str| {
            let path = root.join(name);
            std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let index: Vec<Value> = serde_json::from_slice(&read("index.json")).expect("an index");
        let recordings = index.iter().map(|entry| {
            let file = entry["file"].as_str().expect("a file").to_owned();
            Recording {
                body: read(&file),
                status: entry["status"].as_u64().and_then(|s| s.try_into().ok()).expect("a status"),
                path: entry["url"].as_str().filter(|url| !url.is_empty()).map(path),
                headers: entry["headers"].as_object().map(headers).unwrap_or_default(),
                file,
            }
        });
        Self { recordings: recordings.collect() }
    }

    pub(crate) fn of(&self, folder: &str) -> Vec<Recording> {
        let is_of = |recording: &&Recording| recording.file.starts_with(&format!("{folder}/"));
        self.recordings.iter().filter(is_of).cloned().collect()
    }

    pub(crate) fn get(&self, file: &str) -> Recording {
        let found = self.recordings.iter().find(|recording| recording.file == file);
        found.unwrap_or_else(|| panic!("there is no recording {file}")).clone()
    }

    pub(crate) fn folders(&self) -> Vec<&str> {
        let folder =
            |recording: &'_ Recording| recording.file.split('/').next().unwrap_or_default().len();
        let names = self.recordings.iter().map(|one| &one.file[..folder(one)]);
        names.collect::<BTreeSet<_>>().into_iter().collect()
    }
}

fn path(url: &str) -> String {
    url.parse::<decile_providers::Url>().expect("a URL").path().to_owned()
}

/// Header lines; lengths are those of the body as it is served.
fn headers(fields: &serde_json::Map<String, Value>) -> Vec<String> {
    let served = fields.iter().filter(|(name, _)| *name != "content-length");
    let lines = served.flat_map(|(name, value)| {
        let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        values.into_iter().map(move |value| format!("{name}: {}", value.as_str().expect("a text")))
    });
    lines.collect()
}

pub(crate) fn transport(server: &Server) -> Transport {
    let transport = Transport::builder().base_url(server.url()).timeout(Duration::from_secs(10));
    transport.build().expect("a transport")
}

/// Runs what a client does to its end.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(future)
}

/// Returns a number that stands bare or as `{"raw": …}`. `{}`, `null` and a raw 0 that is not shown
/// are none.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Object(fields) if fields.get("fmt").is_none_or(Value::is_null) => {
            fields.get("raw").and_then(Value::as_f64).filter(|raw| *raw != 0.0)
        }
        Value::Object(fields) => fields.get("raw").and_then(Value::as_f64),
        bare => bare.as_f64(),
    }
}
