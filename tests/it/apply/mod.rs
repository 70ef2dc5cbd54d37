//! An apply that is cut off, refused, throttled or lied to: nobody twice, nobody lost.

mod interrupted;
mod reviewed;
mod storm;
mod sweep;
mod world;
