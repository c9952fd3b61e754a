//! Where a dropout mask is drawn from, so that it can be drawn in parts: the place in a sequence of ChaCha8 (RFC 8439's cipher
//! with 8 rounds, a 64-bit counter of blocks and a 64-bit number of the sequence), as `rand_chacha` computes it.

/// A place in a sequence, read as numbers of 16 bits, low ones of a word first, and what becomes of them.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C)]
pub struct Draws {
    /// The generator's seed, as eight words.
    pub key: [u32; 8],
    /// Which of the seed's sequences.
    pub stream: u64,
    /// The first draw's number in the sequence.
    pub first: u64,
    /// A draw below it drops an element.
    pub threshold: u32,
    /// Factor of the elements that are kept.
    pub keep: f32,
}

/// The scalar twin of the kernels that draw masks.
pub mod reference {
    use super::Draws;

    /// `count` factors: 0 where an element is dropped.
    pub fn mask(draws: Draws, count: usize) -> Vec<f32> {
        let factor = |draw: u64| {
            let word = block(draws, draw / 32)[(draw % 32 / 2) as usize];
            let bits = word >> (draw % 2 * 16) & 0xffff;
            if bits < draws.threshold {
                0.
            } else {
                draws.keep
            }
        };
        (draws.first..).take(count).map(factor).collect()
    }

    /// The 16 words of a block.
    fn block(draws: Draws, number: u64) -> [u32; 16] {
        let halves = |number: u64| [number as u32, (number >> 32) as u32];
        let mut start = [0; 16];
        start[..4].copy_from_slice(&[0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]);
        start[4..12].copy_from_slice(&draws.key);
        start[12..14].copy_from_slice(&halves(number));
        start[14..].copy_from_slice(&halves(draws.stream));
        let mut words = start;
        for _ in 0..4 {
            for column in 0..4 {
                quarter_round(&mut words, [0, 1, 2, 3].map(|row| 4 * row + column));
            }
            for column in 0..4 {
                quarter_round(
                    &mut words,
                    [0, 1, 2, 3].map(|row| 4 * row + (column + row) % 4),
                );
            }
        }
        for (word, start) in words.iter_mut().zip(start) {
            *word = word.wrapping_add(start);
        }
        words
    }

    fn quarter_round(words: &mut [u32; 16], [a, b, c, d]: [usize; 4]) {
        for (to, from, turned, bits) in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)] {
            words[to] = words[to].wrapping_add(words[from]);
            words[turned] = (words[turned] ^ words[to]).rotate_left(bits);
        }
    }
}
