//! Following projects while they are written.

mod changes;
mod follow;
mod place;

pub use changes::Changes;
pub use follow::{FollowError, Follower};
pub use place::{Place, PlaceError};
