//! `counts`, as its author changed it: the version is 2.

guests::counts_plugin!(2);
