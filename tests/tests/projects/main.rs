//! `ringtap plugin new`, `build` and `dev`: from an empty folder to metrics, in every language whose
//! tools are here.

mod dev;
mod guides;
mod refusals;
mod support;
mod whole;
