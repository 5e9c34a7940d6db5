use super::{CacheStore, Fault};
use crate::time;
use chrono::{DateTime, Utc};
use decile_core::source::{Call, KeptReply, Verdict};
use decile_data::{Error, ReplyCache};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

const SAME_BODY: &str = "
    SELECT bodies.id FROM bodies WHERE bodies.body = ?3 AND bodies.id = (
        SELECT body FROM replies WHERE provider = ?1 AND request = ?2
        ORDER BY retrieved_at DESC, id DESC LIMIT 1)";

const APPEND_BODY: &str = "INSERT INTO bodies (body) VALUES (?1)";

const APPEND: &str = "
    INSERT INTO replies
        (provider, endpoint, subject, request, retrieved_at, verdict, status, content_type, body)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

const NEWEST: &str = "
    SELECT verdict, status, content_type, retrieved_at, bodies.body
    FROM replies JOIN bodies ON bodies.id = replies.body
    WHERE provider = ?1 AND request = ?2 AND retrieved_at <= ?3
    ORDER BY retrieved_at DESC, replies.id DESC LIMIT 1";

const RETRIEVALS: &str = "
    SELECT retrieved_at FROM replies WHERE provider = ?1 AND endpoint = ?2 AND subject = ?3
    ORDER BY retrieved_at, id";

impl ReplyCache for CacheStore {
    fn append(&self, call: &Call, reply: &KeptReply) -> Result<(), Error> {
        append(&mut self.lock(), call, reply).map_err(|source| self.failed("keep a reply", source))
    }

    fn newest(&self, call: &Call, until: DateTime<Utc>) -> Result<Option<KeptReply>, Error> {
        newest(&self.lock(), call, until).map_err(|fault| self.failed("read a kept reply", fault))
    }

    fn retrievals(
        &self,
        provider: &str,
        endpoint: &str,
        subject: &str,
    ) -> Result<Vec<DateTime<Utc>>, Error> {
        retrievals(&self.lock(), (provider, endpoint, subject))
            .map_err(|fault| self.failed("list kept replies", fault))
    }
}

fn append(connection: &mut Connection, call: &Call, reply: &KeptReply) -> rusqlite::Result<()> {
    // Immediate: a transaction that reads first and writes later can be refused in the middle.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let same = transaction
        .prepare(SAME_BODY)?
        .query_row((call.provider, &call.request, &reply.body), |row| row.get(0))
        .optional()?;
    let body = match same {
        Some(body) => body,
        None => transaction.prepare(APPEND_BODY)?.insert((&reply.body,))?,
    };
    transaction.prepare(APPEND)?.execute((
        call.provider,
        call.endpoint,
        &call.subject,
        &call.request,
        time::to_text(reply.retrieved_at),
        verdict_name(reply.verdict),
        reply.status,
        &reply.content_type,
        body,
    ))?;
    transaction.commit()
}

fn newest(
    connection: &Connection,
    call: &Call,
    until: DateTime<Utc>,
) -> Result<Option<KeptReply>, Fault> {
    let mut newest = connection.prepare(NEWEST)?;
    let mut rows = newest.query((call.provider, &call.request, time::to_text(until)))?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let verdict: String = row.get(0)?;
    let retrieved_at: String = row.get(3)?;
    Ok(Some(KeptReply {
        verdict: verdict_of(&verdict)?,
        status: row.get(1)?,
        content_type: row.get(2)?,
        retrieved_at: time::from_text(&retrieved_at)?,
        body: row.get(4)?,
    }))
}

fn retrievals(
    connection: &Connection,
    endpoint: (&str, &str, &str),
) -> Result<Vec<DateTime<Utc>>, Fault> {
    let mut retrievals = connection.prepare(RETRIEVALS)?;
    let texts = retrievals.query_map(endpoint, |row| row.get::<_, String>(0))?;
    texts.map(|text| Ok(time::from_text(&text?)?)).collect()
}

pub(super) fn newest_retrieval(connection: &Connection) -> Result<Option<DateTime<Utc>>, Fault> {
    let newest: Option<String> =
        connection.query_row("SELECT max(retrieved_at) FROM replies", (), |row| row.get(0))?;
    Ok(newest.map(|text| time::from_text(&text)).transpose()?)
}

fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Answer => "answer",
        Verdict::Nothing => "nothing",
    }
}

fn verdict_of(name: &str) -> Result<Verdict, String> {
    match name {
        "answer" => Ok(Verdict::Answer),
        "nothing" => Ok(Verdict::Nothing),
        _ => Err(format!("{name:?} is no verdict")),
    }
}
