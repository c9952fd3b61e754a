//! Learning curves as SVG.

use std::ops::Range;

use plotters::{
    coord::{
        Shift,
        types::{RangedCoordf64, RangedCoordu32},
    },
    prelude::*,
};

use spanarc_model::bundle::MeasuredScores;

use super::EpochMetrics;

/// Okabe and Ito's colours, which stay apart for colour-blind readers.
const BLUE: RGBColor = RGBColor(0, 114, 178);
const ORANGE: RGBColor = RGBColor(213, 94, 0);
const GREEN: RGBColor = RGBColor(0, 158, 115);
const PURPLE: RGBColor = RGBColor(204, 121, 167);
const BLACK: RGBColor = RGBColor(0, 0, 0);
const GREY: RGBColor = RGBColor(120, 120, 120);

/// NaN where there is no value.
type Value = fn(&EpochMetrics) -> f64;
type Curve = (&'static str, RGBColor, Value);

const LOSSES: [Curve; 3] = [
    ("NER + λ · RE", BLACK, |metrics| metrics.loss),
    ("NER", BLUE, |metrics| metrics.ner_loss),
    ("RE", ORANGE, |metrics| metrics.re_loss),
];

const SCORES: [Curve; 4] = [
    ("entities, micro", BLUE, |metrics| {
        on_dev(metrics, |dev| dev.entity_micro_f1)
    }),
    ("entities, macro", GREEN, |metrics| {
        on_dev(metrics, |dev| dev.entity_macro_f1)
    }),
    ("relations, micro", ORANGE, |metrics| {
        on_dev(metrics, |dev| dev.relation_micro_f1)
    }),
    ("relations, macro", PURPLE, |metrics| {
        on_dev(metrics, |dev| dev.relation_macro_f1)
    }),
];

fn on_dev(metrics: &EpochMetrics, score: fn(&MeasuredScores) -> f64) -> f64 {
    metrics.dev.as_ref().map_or(f64::NAN, score)
}

/// Training losses above, F1 on dev below, over epochs; the epoch that is kept is marked. Without epochs the axes are empty.
pub fn learning_curves(epochs: &[EpochMetrics]) -> Result<String, String> {
    let mut svg = String::new();
    draw(&mut svg, epochs).map_err(|error| error.to_string())?;
    Ok(svg)
}

fn draw(svg: &mut String, epochs: &[EpochMetrics]) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::with_string(svg, (860, 760)).into_drawing_area();
    root.fill(&WHITE)?;
    let (upper, lower) = root.split_vertically(360);
    let highest = LOSSES
        .iter()
        .flat_map(|(_, _, value)| epochs.iter().map(value))
        .filter(|loss| loss.is_finite())
        .fold(0., f64::max);
    let highest = if highest > 0. { highest * 1.05 } else { 1. };
    panel(
        &upper,
        "Training loss a sentence",
        "loss",
        epochs,
        &LOSSES,
        0. ..highest,
    )?;
    panel(
        &lower,
        "F1 on dev",
        "F1 in percent",
        epochs,
        &SCORES,
        0. ..100.,
    )?;
    root.present()?;
    Ok(())
}

fn panel<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    caption: &str,
    unit: &str,
    epochs: &[EpochMetrics],
    curves: &[Curve],
    range: Range<f64>,
) -> Result<(), Box<dyn std::error::Error>>
where
    B::ErrorType: 'static,
{
    let number = |metrics: &EpochMetrics| u32::try_from(metrics.epoch).unwrap_or(u32::MAX);
    let last = epochs.iter().map(number).max().unwrap_or(1).max(2);
    let mut chart: ChartContext<'_, B, Cartesian2d<RangedCoordu32, RangedCoordf64>> =
        ChartBuilder::on(area)
            .caption(caption, ("sans-serif", 20))
            .margin(12)
            .margin_right(28)
            .x_label_area_size(42)
            .y_label_area_size(58)
            .build_cartesian_2d(1..last, range.clone())?;
    chart
        .configure_mesh()
        .x_desc("epoch")
        .y_desc(unit)
        .x_labels(12)
        .label_style(("sans-serif", 14))
        .axis_desc_style(("sans-serif", 15))
        .light_line_style(WHITE)
        .draw()?;
    if let Some(best) = epochs.iter().rfind(|metrics| metrics.best) {
        let line = [(number(best), range.start), (number(best), range.end)];
        chart
            .draw_series(LineSeries::new(line, GREY.stroke_width(1)))?
            .label(format!("kept: epoch {}", best.epoch))
            .legend(|(x, y)| PathElement::new([(x, y), (x + 20, y)], GREY.stroke_width(1)));
    }
    for (name, color, value) in curves {
        let points = epochs.iter().filter(|metrics| value(metrics).is_finite());
        let points: Vec<(u32, f64)> = points
            .map(|metrics| (number(metrics), value(metrics)))
            .collect();
        let style = color.stroke_width(2);
        chart
            .draw_series(LineSeries::new(points.clone(), style))?
            .label(match points.last() {
                Some((_, last)) => format!("{name}: {last:.1}"),
                None => name.to_string(),
            })
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], style));
        chart.draw_series(
            points
                .iter()
                .map(|&point| Circle::new(point, 2, color.filled())),
        )?;
    }
    let position = if range.end == 100. {
        SeriesLabelPosition::LowerRight
    } else {
        SeriesLabelPosition::UpperRight
    };
    chart
        .configure_series_labels()
        .position(position)
        .background_style(WHITE.mix(0.85))
        .border_style(GREY.mix(0.4))
        .label_font(("sans-serif", 14))
        .draw()?;
    Ok(())
}
