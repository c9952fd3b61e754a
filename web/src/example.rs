//! The text that a first visit opens with. People and firms are invented.

/// A few lines of news.
pub(crate) const EXAMPLE: &str = "\
Helena Marsh, a structural engineer who lives in Portland, was named president of Corvane Systems on Monday. The company, \
based in Seattle, makes sensors for bridges and tunnels.
She succeeds Daniel Okafor, who was born in Lagos and had worked for Corvane Systems since it opened its first workshop in \
Tacoma, Washington. \u{201c}She knows every bolt on that bridge,\u{201d} said Ruth Ellison, spokeswoman for the Harbor \
Trust in Boston.
A jury in Denver found Peter Vance guilty on Friday of killing Thomas Reed, a guard at the Northgate Museum in Denver, \
Colorado.";
