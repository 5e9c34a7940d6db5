//! Markets: the market folder, the synthetic market, sources over a stored market.
