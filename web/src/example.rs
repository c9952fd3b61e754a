//! The text that a first visit opens with. People and firms are invented.

/// A few lines of news.
pub(crate) const EXAMPLE: &str = "\
Helena Marsh, a structural engineer from Portland, was named president of Corvane Systems on Monday. Corvane Systems, based \
in Seattle, makes sensors for bridges and tunnels. Its first workshop stood on the river in Tacoma, Washington.
She succeeds Daniel Okafor, who was born in Lagos and joined Corvane Systems in 2009. \u{201c}She knows every bolt on that \
bridge,\u{201d} said Ruth Ellison, a spokeswoman for the Harbor Trust in Boston.
A jury in Denver found Peter Vance guilty on Friday of killing Thomas Reed, a guard at the Northgate Museum.";
