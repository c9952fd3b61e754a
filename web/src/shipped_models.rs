//! The text that a first visit opens with. People and firms are invented.

/// A few lines of news.
pub(crate) const EXAMPLE: &str = "\
Helena Marsh, 47, was named president of Corvane Systems on Monday. Corvane Systems, based in Seattle, makes sensors for \
bridges and tunnels. Its first workshop stood on the river in Tacoma, Washington.
Her predecessor, Daniel Okafor, was born in Lagos. \u{201c}She knows every bolt on that bridge,\u{201d} said Ruth Ellison, a \
spokeswoman for the Harbor Trust in Boston.
A jury in Denver found Peter Vance guilty on Friday of killing Thomas Reed, a guard at the Northgate Museum.";
