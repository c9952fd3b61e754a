//! Times over lengths as SVG, both axes logarithmic.

use anyhow::{Result, anyhow};
use plotters::prelude::*;

/// Okabe and Ito's colours, which stay apart for colour-blind readers.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(0, 0, 0),
    RGBColor(230, 159, 0),
];

/// Factor of the longest time up to which the axis goes, so that the legend covers no line.
const LEGEND: f64 = 3.;

/// One engine or one moment.
pub(crate) struct Line<'a> {
    /// What the legend calls it.
    pub(crate) name: &'a str,
    /// Words and milliseconds.
    pub(crate) points: Vec<(f64, f64)>,
}

/// Milliseconds over words.
pub(crate) fn over_words(title: &str, unit: &str, lines: &[Line]) -> Result<String> {
    let mut svg = String::new();
    draw(&mut svg, title, unit, lines).map_err(|error| anyhow!("cannot draw {title}: {error}"))?;
    Ok(svg)
}

fn draw(
    svg: &mut String,
    title: &str,
    unit: &str,
    lines: &[Line],
) -> Result<(), Box<dyn std::error::Error>> {
    let range = |of: fn(&(f64, f64)) -> f64| {
        let values = lines.iter().flat_map(|line| line.points.iter().map(of));
        let positive = values.filter(|value| value.is_finite() && *value > 0.);
        let (low, high) = positive.fold((f64::INFINITY, 0f64), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        if low > high {
            1. ..10.
        } else {
            low / 1.3..high * 1.3
        }
    };
    let times = range(|point| point.1);
    let root = SVGBackend::with_string(svg, (760, 440)).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(title, ("sans-serif", 17))
        .margin(14)
        .x_label_area_size(38)
        .y_label_area_size(52)
        .build_cartesian_2d(
            range(|point| point.0).log_scale(),
            (times.start..times.end * LEGEND).log_scale(),
        )?;
    chart
        .configure_mesh()
        .x_desc(unit)
        .y_desc("ms")
        .light_line_style(WHITE)
        .draw()?;
    for (line, colour) in lines.iter().zip(COLOURS.iter().cycle()) {
        chart
            .draw_series(
                LineSeries::new(line.points.iter().copied(), colour.stroke_width(2)).point_size(3),
            )?
            .label(line.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.85))
        .border_style(BLACK.mix(0.2))
        .draw()?;
    root.present()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_named_and_missing_times_do_no_harm() {
        let lines = [
            Line {
                name: "one engine",
                points: vec![(8., 3.), (128., 60.)],
            },
            Line {
                name: "another",
                points: vec![(8., f64::NAN)],
            },
        ];
        let svg = over_words("Cost", "words", &lines).expect("an image");
        assert!(svg.contains("one engine") && svg.contains("another") && svg.contains("Cost"));
        assert!(over_words("Nothing", "words", &[]).is_ok());
    }
}
