"""Two plots as SVG text: ratios in rows, and a cost against a size on two logarithmic axes."""

import math
from html import escape

INK, FAINT, NEAR_INK, FAR_INK = "#222", "#ccc", "#1a6faf", "#c2571a"
MODE_INK = {"NEAR": NEAR_INK, "FAR": FAR_INK}
ROW, LABELS, WIDTH, TOP, BOTTOM = 22, 470, 1000, 46, 34
PLOT_W, PLOT_H, MARGIN = 640, 400, 70


def document(width, height, parts):
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                      f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12" fill="{INK}">',
                      f'<rect width="{width}" height="{height}" fill="white"/>', *parts, "</svg>", ""])


def text(x, y, words, anchor="start", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(str(words))}</text>'


def line(x1, y1, x2, y2, ink=INK, width=1):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{ink}" stroke-width="{width}"/>'


def dot(x, y, ink):
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{ink}"/>'


def number(value):
    return f"{value:,.0f}" if value >= 10 else f"{value:.3g}"


class LogAxis:
    """From values to places; whole decades, or 1-2-5 steps if there are few of them."""

    def __init__(self, values, begin, end, decades_min=0.0):
        low, high = math.log10(min(values)), math.log10(max(values))
        room = max(0.05, 0.06 * (high - low), (decades_min - (high - low)) / 2)
        self.low, self.high, self.begin, self.end = low - room, high + room, begin, end

    def place(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.begin + share * (self.end - self.begin)

    def ticks(self):
        steps = (1,) if self.high - self.low > 3 else (1, 2, 5)
        decades = range(math.floor(self.low), math.ceil(self.high) + 1)
        all_ticks = [step * 10.0 ** decade for decade in decades for step in steps]
        return [tick for tick in all_ticks if self.low <= math.log10(tick) <= self.high]


def ratio_plot(title, rows):
    """rows: (label, mode, low, median, high); a line at 1."""
    axis = LogAxis([value for row in rows for value in row[2:]] + [1], LABELS, WIDTH - 70)
    bottom = TOP + ROW * len(rows)
    parts = [text(12, 22, title, more='font-size="15"')]
    for tick in axis.ticks():
        x = axis.place(tick)
        parts += [line(x, TOP, x, bottom, FAINT), text(x, bottom + 16, number(tick) + "×", "middle")]
    parts.append(line(axis.place(1), TOP, axis.place(1), bottom, INK))
    for index, (label, mode, low, median, high) in enumerate(rows):
        y, ink = TOP + ROW * (index + 0.5), MODE_INK.get(mode, INK)
        parts += [text(LABELS - 10, y + 4, label, "end"), line(axis.place(low), y, axis.place(high), y, ink, 3),
                  dot(axis.place(median), y, ink), text(WIDTH - 60, y + 4, f"{median:.2f}×", more=f'fill="{ink}"')]
    parts.append(text(12, bottom + BOTTOM - 4, "Patron ÷ other, per round: median and range. "
                      "Blue: cores near each other, orange: far, black: any."))
    return document(WIDTH, bottom + BOTTOM + 6, parts)


def growth_plot(title, x_name, y_name, points, note=""):
    """points: (size, low, median, high). At least a decade high, so that a flat line looks flat."""
    x_axis = LogAxis([point[0] for point in points], MARGIN, PLOT_W - 20)
    y_axis = LogAxis([value for point in points for value in point[1:]], PLOT_H - MARGIN, 50, decades_min=1)
    parts = [text(12, 22, title, more='font-size="15"'), text(PLOT_W - 20, 40, note, "end"),
             text(PLOT_W / 2, PLOT_H - 22, x_name, "middle"), text(12, 40, y_name)]
    for tick in x_axis.ticks():
        x = x_axis.place(tick)
        parts += [line(x, 50, x, PLOT_H - MARGIN, FAINT), text(x, PLOT_H - MARGIN + 16, number(tick), "middle")]
    for tick in y_axis.ticks():
        y = y_axis.place(tick)
        parts += [line(MARGIN, y, PLOT_W - 20, y, FAINT), text(MARGIN - 6, y + 4, number(tick), "end")]
    for before, after in zip(points, points[1:]):
        parts.append(line(x_axis.place(before[0]), y_axis.place(before[2]), x_axis.place(after[0]),
                          y_axis.place(after[2]), NEAR_INK))
    for size, low, median, high in points:
        x = x_axis.place(size)
        parts += [line(x, y_axis.place(low), x, y_axis.place(high), NEAR_INK, 3), dot(x, y_axis.place(median), NEAR_INK),
                  text(x, y_axis.place(high) - 8, number(median), "middle")]
    return document(PLOT_W, PLOT_H, parts)
