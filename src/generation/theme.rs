//! The colours of the themes.

use serde_json::{Value, json};
use vizroom_protocol::dashboard::Theme;

/// One theme's colours.
#[derive(Debug, PartialEq, Eq)]
pub struct Palette {
    /// For series and parts, in order. Neighbours differ in lightness as well as in hue, so that they stay apart for
    /// readers who see hues alike.
    pub series: [&'static str; 8],
    /// From little to much.
    pub ramp: [&'static str; 3],
    /// What the chart stands on, and what is written and drawn on that.
    pub paper: &'static Paper,
}

/// A ground, and the colours that are not the data's.
#[derive(Debug, PartialEq, Eq)]
pub struct Paper {
    pub ground: &'static str,
    pub text: &'static str,
    /// Between parts that touch.
    pub gap: &'static str,
    pub axis: &'static str,
    pub grid: &'static str,
}

const LIGHT: &Paper = &Paper { ground: "transparent", text: "#3e4c59", gap: "white", axis: "#9aa5b1", grid: "#e4e7eb" };
const DARK: &Paper = &Paper { ground: "#171b22", text: "#b9c0cb", gap: "#171b22", axis: "#5d6775", grid: "#2c323d" };

/// The colours of a theme.
pub fn palette(theme: Theme) -> &'static Palette {
    match theme {
        Theme::Slate => &Palette {
            series: ["#3b5b92", "#e0a030", "#2a9d8f", "#c8553d", "#8fb8de", "#6b4c9a", "#c9c24e", "#5b6770"],
            ramp: ["#eef2f8", "#8ea9d0", "#26406e"],
            paper: LIGHT,
        },
        Theme::Ocean => &Palette {
            series: ["#0b5c8a", "#f2a65a", "#1fa3a8", "#b83b5e", "#7cc6e8", "#3d3b8e", "#a8d5ba", "#6c757d"],
            ramp: ["#e9f5fa", "#6dbdd8", "#08476b"],
            paper: LIGHT,
        },
        Theme::Forest => &Palette {
            series: ["#2f6b3c", "#d9b44a", "#3a8fb7", "#a44a3f", "#9ccb86", "#5c4b8a", "#c98fb0", "#6f6a5f"],
            ramp: ["#eef6ec", "#8cc084", "#1e4d2b"],
            paper: LIGHT,
        },
        Theme::Sunset => &Palette {
            series: ["#c8452b", "#1f4e8c", "#f0a13c", "#5b2a6e", "#f4c7a1", "#2b8c84", "#e3a3bd", "#6a5d5d"],
            ramp: ["#fdf0e6", "#f2a25f", "#9c2b17"],
            paper: LIGHT,
        },
        Theme::Mono => &Palette {
            series: ["#1f2933", "#9aa5b1", "#52606d", "#cbd2d9", "#323f4b", "#b3bdc7", "#7b8794", "#e0e4e8"],
            ramp: ["#f3f5f7", "#9aa5b1", "#1f2933"],
            paper: LIGHT,
        },
        Theme::Dark => &Palette {
            series: ["#8c9fe6", "#f0c987", "#3f9f92", "#f7b7b2", "#6f8fc9", "#e3da8f", "#a873c2", "#c9d1dc"],
            ramp: ["#232a3a", "#5a6fb5", "#c3cdf5"],
            paper: DARK,
        },
    }
}

/// What a theme means for a chart: all of a spec that it changes.
pub(super) fn config(theme: Theme) -> Value {
    let Palette { series, ramp, paper } = palette(theme);
    let Paper { ground, text, gap, axis, grid } = paper;
    json!({
        "background": ground,
        "view": {"stroke": null},
        "mark": {"color": series[0]},
        "text": {"color": text},
        "arc": {"stroke": gap, "strokeWidth": 1},
        "range": {"category": series, "ramp": ramp, "heatmap": ramp},
        "axis": {"domainColor": axis, "tickColor": axis, "gridColor": grid, "labelColor": text, "titleColor": text, "titleFontWeight": 500},
        "legend": {"labelColor": text, "titleColor": text, "titleFontWeight": 500},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance, as WCAG defines it.
    fn luminance(colour: &str) -> f64 {
        let part = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.03928 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn neighbours_differ_in_lightness() {
        for theme in [Theme::Slate, Theme::Ocean, Theme::Forest, Theme::Sunset, Theme::Mono, Theme::Dark] {
            let Palette { series, ramp, paper } = palette(theme);
            for pair in series.windows(2) {
                assert!(contrast(pair[0], pair[1]) >= 1.3, "{theme:?} {pair:?} {}", contrast(pair[0], pair[1]));
            }
            let away = |pair: &[&str]| luminance(pair[0]) > luminance(pair[1]);
            assert!(
                ramp.windows(2).all(|pair| away(pair) != (theme == Theme::Dark)),
                "{theme:?}: away from its ground"
            );
            let ground = if theme == Theme::Dark { paper.ground } else { "#ffffff" };
            assert!(contrast(paper.text, ground) >= 4.5, "{theme:?}: what is written can be read");
        }
    }
}
