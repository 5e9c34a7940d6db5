use super::CacheStore;
use chrono::NaiveDate;
use decile_data::{BudgetLedger, Error};
use rusqlite::OptionalExtension;

/// One statement, so that no other process can count between the look and the write. Of a limit
/// that is reached nothing is returned.
const SPEND: &str = "
    INSERT INTO budgets (account, day, spent) SELECT ?1, ?2, 1 WHERE 0 < ?3
    ON CONFLICT (account, day) DO UPDATE SET spent = spent + 1 WHERE spent < ?3
    RETURNING spent";

const SPENT: &str = "SELECT spent FROM budgets WHERE account = ?1 AND day = ?2";

impl BudgetLedger for CacheStore {
    fn spend(&self, account: &str, day: NaiveDate, limit: u32) -> Result<bool, Error> {
        let connection = self.lock();
        let counted = connection.prepare(SPEND).and_then(|mut spend| {
            // The whole statement has to be stepped through: what it returns comes before its
            // commit.
            let mut counted = spend.query((account, day.to_string(), limit))?;
            let row = counted.next()?.map(|row| row.get::<_, u32>(0)).transpose()?;
            while counted.next()?.is_some() {}
            Ok(row)
        });
        let counted = counted.map_err(|source| self.failed("count a call", source))?;
        Ok(counted.is_some())
    }

    fn spent(&self, account: &str, day: NaiveDate) -> Result<u32, Error> {
        let connection = self.lock();
        let spent = connection
            .prepare(SPENT)
            .and_then(|mut spent| {
                spent.query_row((account, day.to_string()), |row| row.get(0)).optional()
            })
            .map_err(|source| self.failed("read the count of calls", source))?;
        Ok(spent.unwrap_or_default())
    }
}
