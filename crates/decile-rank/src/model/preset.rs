//! The models that come with decile, in the style of J.P. Morgan's published description of its
//! Q-Score: cheap, successful, quality companies with solid earnings. Not the bank's model; nothing
//! is published about its weights, so ours are equal.

macro_rules! presets {
    ($($name:literal),+ $(,)?) => {
        /// Their names.
        pub(super) const NAMES: &[&str] = &[$($name),+];
        /// Their names and files.
        pub(super) const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../presets/", $name, ".toml")))),+];
    };
}

presets!(
    "q_core",
    "q_core_eaccel",
    "q_core_rev_0",
    "q_core_rev_25",
    "q_core_sector",
    "q_core_blend",
    "q_snapshot",
    "flat",
    "ranks",
);
