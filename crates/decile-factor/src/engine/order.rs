//! The order in which derived factors have to be computed.

use crate::{Error, Factor, Field};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Returns the positions of all factors, each after those it derives from.
pub(super) fn by_dependency(factors: &[Arc<dyn Factor>]) -> Result<Vec<usize>, Error> {
    let mut positions = BTreeMap::new();
    for (index, factor) in factors.iter().enumerate() {
        if positions.insert(factor.name(), index).is_some() {
            return Err(Error::DuplicateFactor { name: factor.name().to_owned() });
        }
    }
    let mut walk = Walk { factors, positions, path: Vec::new(), order: Vec::new() };
    for index in 0..factors.len() {
        walk.visit(index)?;
    }
    Ok(walk.order)
}

struct Walk<'a> {
    factors: &'a [Arc<dyn Factor>],
    positions: BTreeMap<&'a str, usize>,
    /// From the factor first asked for down to the current one.
    path: Vec<usize>,
    order: Vec<usize>,
}

impl Walk<'_> {
    fn visit(&mut self, index: usize) -> Result<(), Error> {
        if self.order.contains(&index) {
            return Ok(());
        }
        if self.path.contains(&index) {
            return Err(self.circle(index));
        }
        self.path.push(index);
        for field in self.factors[index].inputs() {
            if let Field::Derived(name) = field {
                let position = self.positions.get(name.as_str()).copied();
                self.visit(position.ok_or_else(|| self.unknown(name))?)?;
            }
        }
        self.path.pop();
        self.order.push(index);
        Ok(())
    }

    fn circle(&self, index: usize) -> Error {
        let start = self.path.iter().position(|step| *step == index).unwrap_or_default();
        let steps = self.path[start..].iter().chain([&index]);
        let names: Vec<&str> = steps.map(|step| self.factors[*step].name()).collect();
        Error::Circular { name: names[0].to_owned(), chain: names.join(" -> ") }
    }

    fn unknown(&self, name: &str) -> Error {
        let known = self.positions.keys().copied().collect::<Vec<_>>().join(", ");
        Error::UnknownFactor { name: name.to_owned(), known }
    }
}
