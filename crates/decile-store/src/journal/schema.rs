//! The tables of `journal.sqlite`.

use crate::migrations::Schema;

pub(super) const JOURNAL: Schema = Schema {
    // "dclj" in ASCII.
    application_id: 0x6463_6c6a,
    steps: &["
    -- Whose orders these are. One row.
    CREATE TABLE owner (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        strategy TEXT NOT NULL,
        account TEXT NOT NULL
    ) STRICT;

    -- Everything that happened, in the order in which it became known, as JSON.
    CREATE TABLE records (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        order_id TEXT,
        record TEXT NOT NULL CHECK (json_valid(record))
    ) STRICT;
    CREATE INDEX records_by_order ON records (order_id, id);
    -- The last guard: a name is intended once, whoever writes.
    CREATE UNIQUE INDEX intended_once ON records (order_id) WHERE kind = 'intent';

    CREATE TRIGGER records_stay BEFORE DELETE ON records
        BEGIN SELECT RAISE(ABORT, 'a journal forgets nothing'); END;
    CREATE TRIGGER records_stay_as_they_are BEFORE UPDATE ON records
        BEGIN SELECT RAISE(ABORT, 'a journal is never changed'); END;
    CREATE TRIGGER owner_stays BEFORE UPDATE ON owner
        BEGIN SELECT RAISE(ABORT, 'a journal keeps its owner'); END;
    CREATE TRIGGER owner_is_not_removed BEFORE DELETE ON owner
        BEGIN SELECT RAISE(ABORT, 'a journal keeps its owner'); END;

    -- For people: what was last known of each order and of each execution.
    CREATE VIEW orders AS
        SELECT intent.order_id AS id,
            json_extract(intent.record, '$.intent.at') AS intended_at,
            json_extract(intent.record, '$.intent.order.side') AS side,
            json_extract(intent.record, '$.intent.order.symbol') AS symbol,
            json_extract(intent.record, '$.intent.order.quantity') AS quantity,
            coalesce(json_extract(last.record, '$.seen.snapshot.state'), last.kind) AS state,
            json_extract(last.record, '$.seen.snapshot.filled') AS filled,
            json_extract(last.record, '$.seen.snapshot.average_price') AS average_price,
            json_extract(last.record, '$.seen.snapshot.commission') AS commission
        FROM records AS intent
        JOIN records AS last ON last.id = (
            SELECT max(id) FROM records
            WHERE order_id = intent.order_id AND kind <> 'executed')
        WHERE intent.kind = 'intent' ORDER BY intent.id;
    CREATE VIEW executions AS
        SELECT json_extract(record, '$.executed.execution.execution_id') AS execution_id,
            order_id,
            json_extract(record, '$.executed.execution.side') AS side,
            json_extract(record, '$.executed.execution.symbol') AS symbol,
            json_extract(record, '$.executed.execution.quantity') AS quantity,
            json_extract(record, '$.executed.execution.price') AS price,
            json_extract(record, '$.executed.execution.commission') AS commission,
            json_extract(record, '$.executed.execution.time') AS time
        FROM records WHERE kind = 'executed' AND id IN (
            SELECT max(id) FROM records WHERE kind = 'executed'
            GROUP BY json_extract(record, '$.executed.execution.execution_id'))
        ORDER BY id;
", "
    -- For people: what the account was worth, and what kept it from trading. Records of these kinds are
    -- what an older program would not know.
    CREATE VIEW equity AS
        SELECT json_extract(record, '$.equity.at') AS at,
            json_extract(record, '$.equity.equity') AS equity
        FROM records WHERE kind = 'equity' ORDER BY id;
    CREATE VIEW runs AS
        SELECT kind, json_extract(record, '$.' || kind || '.at') AS at,
            coalesce(json_extract(record, '$.' || kind || '.reason'),
                json_extract(record, '$.' || kind || '.plan'),
                json_extract(record, '$.' || kind || '.breaks')) AS what
        FROM records
        WHERE kind IN ('began', 'ended', 'proposed', 'refused', 'loss_latched', 'loss_reset',
            'adopted', 'reconciled')
        ORDER BY id;
", "
    -- REPLACE removes the row in its way without a word to the triggers against DELETE, and a row may be
    -- written with a number of its own choice: -1 stands for none. What is replayed is the JSON, so the
    -- columns must not say otherwise. One trigger, and by the beginning of the text, since each record
    -- pays for it.
    CREATE TRIGGER records_are_new BEFORE INSERT ON records BEGIN
        SELECT CASE
            WHEN NEW.id <> -1 THEN RAISE(ABORT, 'a journal numbers its records itself')
            WHEN substr(NEW.record, 1, length(NEW.kind) + 3) <> '{\"' || NEW.kind || '\"'
                THEN RAISE(ABORT, 'the kind of a record is that of its JSON')
            WHEN NEW.kind = 'intent' THEN CASE
                WHEN substr(NEW.record, 1, length(NEW.order_id) + 18)
                    IS NOT '{\"intent\":{\"id\":\"' || NEW.order_id || '\"'
                    THEN RAISE(ABORT, 'the order of an intent is that of its JSON')
                WHEN NOT EXISTS (
                    SELECT 1 FROM owner
                    WHERE instr(NEW.order_id, strategy || ':' || account || ':') = 1)
                    THEN RAISE(ABORT, 'the order is of another strategy or account')
                WHEN EXISTS (
                    SELECT 1 FROM records WHERE kind = 'intent' AND order_id = NEW.order_id)
                    THEN RAISE(ABORT, 'an order is intended once')
            END
        END;
    END;
    CREATE TRIGGER records_come_last AFTER INSERT ON records WHEN NEW.id < 0
        BEGIN SELECT RAISE(ABORT, 'a journal is written at its end'); END;
    CREATE TRIGGER owner_is_not_replaced BEFORE INSERT ON owner
        WHEN EXISTS (SELECT 1 FROM owner)
        BEGIN SELECT RAISE(ABORT, 'a journal keeps its owner'); END;
    -- Nothing but the view needs the records of one order, and it can do without: the index would cost
    -- every record its time.
    DROP INDEX records_by_order;
    DROP VIEW orders;
    CREATE VIEW orders AS
        SELECT intent.order_id AS id,
            json_extract(intent.record, '$.intent.at') AS intended_at,
            json_extract(intent.record, '$.intent.order.side') AS side,
            json_extract(intent.record, '$.intent.order.symbol') AS symbol,
            json_extract(intent.record, '$.intent.order.quantity') AS quantity,
            coalesce(json_extract(last.record, '$.seen.snapshot.state'), last.kind) AS state,
            json_extract(last.record, '$.seen.snapshot.filled') AS filled,
            json_extract(last.record, '$.seen.snapshot.average_price') AS average_price,
            json_extract(last.record, '$.seen.snapshot.commission') AS commission
        FROM records AS intent
        JOIN (SELECT order_id, max(id) AS id FROM records
            WHERE order_id IS NOT NULL AND kind <> 'executed' GROUP BY order_id) AS newest
            ON newest.order_id = intent.order_id
        JOIN records AS last ON last.id = newest.id
        WHERE intent.kind = 'intent' ORDER BY intent.id;
", "
    -- For people: what one of them has said of orders of which nobody knew, and that a run went on after
    -- its connection was lost. Records of these kinds are what an older program would not know.
    DROP VIEW runs;
    CREATE VIEW runs AS
        SELECT kind, json_extract(record, '$.' || kind || '.at') AS at,
            coalesce(json_extract(record, '$.' || kind || '.reason'),
                json_extract(record, '$.' || kind || '.plan'),
                json_extract(record, '$.' || kind || '.breaks')) AS what
        FROM records
        WHERE kind IN ('began', 'ended', 'proposed', 'refused', 'loss_latched', 'loss_reset',
            'adopted', 'reconciled', 'recovered')
        ORDER BY id;
    CREATE VIEW cleared AS
        SELECT order_id AS id,
            CASE json_type(record, '$.cleared.clearance')
                WHEN 'text' THEN json_extract(record, '$.cleared.clearance')
                ELSE 'ended' END AS clearance,
            json_extract(record, '$.cleared.clearance.ended.filled') AS filled,
            json_extract(record, '$.cleared.clearance.ended.average_price') AS average_price,
            json_extract(record, '$.cleared.by') AS by,
            json_extract(record, '$.cleared.reason') AS reason,
            json_extract(record, '$.cleared.at') AS at
        FROM records WHERE kind = 'cleared' ORDER BY records.id;
    DROP VIEW orders;
    CREATE VIEW orders AS
        SELECT intent.order_id AS id,
            json_extract(intent.record, '$.intent.at') AS intended_at,
            json_extract(intent.record, '$.intent.order.side') AS side,
            json_extract(intent.record, '$.intent.order.symbol') AS symbol,
            json_extract(intent.record, '$.intent.order.quantity') AS quantity,
            coalesce(json_extract(last.record, '$.seen.snapshot.state'), last.kind) AS state,
            coalesce(json_extract(last.record, '$.seen.snapshot.filled'),
                json_extract(last.record, '$.cleared.clearance.ended.filled'),
                CASE json_extract(last.record, '$.cleared.clearance')
                    WHEN 'never_arrived' THEN 0 END) AS filled,
            coalesce(json_extract(last.record, '$.seen.snapshot.average_price'),
                json_extract(last.record, '$.cleared.clearance.ended.average_price'))
                AS average_price,
            json_extract(last.record, '$.seen.snapshot.commission') AS commission
        FROM records AS intent
        JOIN (SELECT order_id, max(id) AS id FROM records
            WHERE order_id IS NOT NULL AND kind <> 'executed' GROUP BY order_id) AS newest
            ON newest.order_id = intent.order_id
        JOIN records AS last ON last.id = newest.id
        WHERE intent.kind = 'intent' ORDER BY intent.id;
"],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrations::migrate;
    use crate::migrations::tests::refusing;
    use rusqlite::Connection;
    use std::path::Path;

    #[test]
    fn an_older_journal_learns_what_runs_say() {
        let mut connection = Connection::open_in_memory().unwrap();
        let first = Schema { steps: &JOURNAL.steps[..1], ..JOURNAL };
        migrate(&first, &mut connection, Path::new("x")).unwrap();
        migrate(&JOURNAL, &mut connection, Path::new("x")).unwrap();
        connection
            .execute_batch(
                r#"INSERT INTO records (kind, record) VALUES
                ('equity', '{"equity": {"equity": "9000", "at": "2025-12-01T15:00:00Z"}}'),
                ('loss_latched', '{"loss_latched": {"reason": "too much", "at": "2025-12-01"}}'),
                ('recovered', '{"recovered": {"reason": "it was lost", "at": "2025-12-01"}}')"#,
            )
            .unwrap();
        let text = |sql: &str| connection.query_row(sql, (), |row| row.get::<_, String>(0));
        assert_eq!(text("SELECT equity FROM equity").unwrap(), "9000");
        assert_eq!(
            text("SELECT group_concat(kind || ': ' || what, ', ') FROM runs").unwrap(),
            "loss_latched: too much, recovered: it was lost"
        );
    }

    #[test]
    fn nothing_is_forgotten_changed_or_intended_twice() {
        let insert = "INSERT INTO records (kind, order_id, record) VALUES";
        let intent = |id: &str| format!(r#"('intent', '{id}', '{{"intent":{{"id":"{id}"}}}}')"#);
        let (first, second) = (intent("q:DU1:a"), intent("q:DU1:b"));
        let rows = format!("INSERT INTO owner VALUES (1, 'q', 'DU1'); {insert} {first};");
        let numbered = "INSERT INTO records (id, kind, record) VALUES";
        let forbidden = [
            "DELETE FROM records".to_owned(),
            "UPDATE records SET kind = 'seen'".to_owned(),
            "UPDATE owner SET account = 'DU2'".to_owned(),
            "DELETE FROM owner".to_owned(),
            "INSERT INTO owner VALUES (2, 'q', 'DU2')".to_owned(),
            "REPLACE INTO owner VALUES (1, 'q', 'DU2')".to_owned(),
            "INSERT OR IGNORE INTO owner VALUES (1, 'q', 'DU2')".to_owned(),
            format!("{insert} {first}"),
            format!("{} {first}", insert.replacen("INSERT", "REPLACE", 1)),
            r#"REPLACE INTO records VALUES (1, 'refused', NULL, '{"refused":{}}')"#.to_owned(),
            format!(r#"{numbered} (0, 'refused', '{{"refused":{{}}}}')"#),
            format!(r#"{numbered} (-1, 'refused', '{{"refused":{{}}}}')"#),
            // Of others, or so that nobody sees at once whose it is.
            format!("{insert} {}", intent("q:DU2:a")),
            format!("{insert} {}", intent("p:DU1:a")),
            format!("{insert} {}", intent("q:DU11:a")),
            format!("{insert} {}", intent("xq:DU1:a")),
            format!("{insert} {}", second.replacen("q:DU1:b", "q:DU1:c", 1)),
            format!("{insert} {}", second.replacen("'intent'", "'refused'", 1)),
            format!("{insert} {}", second.replacen("'q:DU1:b'", "NULL", 1)),
            format!(r#"{insert} ('seen', 'q:DU1:a', '{{"seen" is no JSON')"#),
            format!(r#"{insert} ('seen', 'q:DU1:a', '{{"refused":{{}}}}')"#),
        ];
        let connection = refusing(&JOURNAL, &rows, forbidden);
        let seen = format!(r#"{insert} ('seen', 'q:DU1:a', '{{"seen":{{}}}}')"#);
        connection.execute(&seen, ()).unwrap();
        connection.execute(&format!("{insert} {second}"), ()).unwrap();
        let kept = "SELECT group_concat(kind || ' ' || order_id, ', ') FROM records";
        let kept: String = connection.query_row(kept, (), |row| row.get(0)).unwrap();
        assert_eq!(kept, "intent q:DU1:a, seen q:DU1:a, intent q:DU1:b");
    }
}
