//! The tables of `cache.sqlite`.

use crate::migrations::Schema;

pub(crate) const CACHE: Schema = Schema {
    // "dcil" in ASCII.
    application_id: 0x6463_696c,
    steps: &[
        "
    -- A body is kept once for as long as a provider repeats itself.
    CREATE TABLE bodies (
        id INTEGER PRIMARY KEY,
        body BLOB NOT NULL
    ) STRICT;

    CREATE TABLE replies (
        id INTEGER PRIMARY KEY,
        provider TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        subject TEXT NOT NULL,
        request TEXT NOT NULL,
        retrieved_at TEXT NOT NULL,
        verdict TEXT NOT NULL CHECK (verdict IN ('answer', 'nothing')),
        status INTEGER NOT NULL,
        content_type TEXT,
        body INTEGER NOT NULL REFERENCES bodies (id)
    ) STRICT;
    CREATE INDEX replies_by_request ON replies (provider, request, retrieved_at);
    CREATE INDEX replies_by_subject ON replies (provider, endpoint, subject, retrieved_at);

    CREATE TRIGGER replies_stay BEFORE DELETE ON replies
        BEGIN SELECT RAISE(ABORT, 'replies are kept for ever'); END;
    CREATE TRIGGER replies_stay_as_they_are BEFORE UPDATE ON replies
        BEGIN SELECT RAISE(ABORT, 'replies are never changed'); END;
    CREATE TRIGGER bodies_stay BEFORE DELETE ON bodies
        BEGIN SELECT RAISE(ABORT, 'replies are kept for ever'); END;
    CREATE TRIGGER bodies_stay_as_they_are BEFORE UPDATE ON bodies
        BEGIN SELECT RAISE(ABORT, 'replies are never changed'); END;

    CREATE TABLE budgets (
        account TEXT NOT NULL,
        day TEXT NOT NULL,
        spent INTEGER NOT NULL CHECK (spent >= 0),
        PRIMARY KEY (account, day)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER budgets_never_sink BEFORE UPDATE ON budgets WHEN NEW.spent < OLD.spent
        BEGIN SELECT RAISE(ABORT, 'calls are never given back'); END;
",
        "
    CREATE TABLE runs (
        began_at TEXT NOT NULL PRIMARY KEY
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER runs_stay BEFORE DELETE ON runs
        BEGIN SELECT RAISE(ABORT, 'runs are kept for ever'); END;
    CREATE TRIGGER runs_stay_as_they_are BEFORE UPDATE ON runs
        BEGIN SELECT RAISE(ABORT, 'runs are never changed'); END;
",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrations::tests::refusing;

    #[test]
    fn replies_and_counts_only_grow() {
        let rows = "INSERT INTO bodies VALUES (1, x'00');
             INSERT INTO replies VALUES (1, 'p', 'e', 's', 'r', 't', 'answer', 200, NULL, 1);
             INSERT INTO budgets VALUES ('a', '2025-12-01', 3);
             INSERT INTO runs VALUES ('2025-12-01');";
        let forbidden = [
            "DELETE FROM replies",
            "UPDATE replies SET status = 500",
            "DELETE FROM bodies",
            "UPDATE bodies SET body = x'01'",
            "UPDATE budgets SET spent = 2",
            "DELETE FROM runs",
            "UPDATE runs SET began_at = 't'",
        ];
        let connection = refusing(&CACHE, rows, forbidden);
        connection.execute("UPDATE budgets SET spent = 4", ()).unwrap();
    }
}
