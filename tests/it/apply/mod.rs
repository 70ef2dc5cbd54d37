//! An apply that is cut off, refused, throttled or lied to: nobody twice, nobody lost.

mod budget;
mod embedded;
mod interrupted;
mod invited;
mod jobs;
mod renames;
mod reviewed;
mod selected;
mod storm;
mod sweep;
mod world;
