// The symbols of a concern, drawn alike on paper (office/marks.py) and on maps (marks.js): strict JSON after `export default`.
export default {
  "groups": {
    "house": {"shape": "M12 2.6 21.2 10v11.2H2.8V10Z", "half": "M12 2.6 2.8 10v11.2H12Z", "middle": 13},
    "light": {"shape": "M12 .9a8.3 8.3 0 1 1 0 16.6 8.3 8.3 0 0 1 0-16.6Z", "half": "M12 .9a8.3 8.3 0 0 0 0 16.6Z", "foot": "M8 19.4h8V23H8Z", "middle": 9.2},
    "ground": {"shape": "M3.2 3.2h17.6v17.6H3.2Z", "half": "M3.2 3.2H12v17.6H3.2Z", "middle": 12},
    "way": {"shape": "M12 1.4 22.6 12 12 22.6 1.4 12Z", "half": "M12 1.4 1.4 12 12 22.6Z", "middle": 12},
    "plants": {"shape": "M12 22.4C3.4 17.4 3.6 8.4 12 1.6c8.4 6.8 8.6 15.8 0 20.8Z", "half": "M12 22.4C3.4 17.4 3.6 8.4 12 1.6Z", "middle": 12.4},
    "other": {"shape": "M12 2.6a9.4 9.4 0 1 1 0 18.8 9.4 9.4 0 0 1 0-18.8Z", "half": "M12 2.6a9.4 9.4 0 0 0 0 18.8Z", "middle": 12},
    "good": {"shape": "M7.6 7.6A4.6 4.6 0 1 1 16.4 7.6 4.6 4.6 0 1 1 16.4 16.4 4.6 4.6 0 1 1 7.6 16.4 4.6 4.6 0 1 1 7.6 7.6Z", "half": "M12 3A4.6 4.6 0 0 0 7.6 7.6 4.6 4.6 0 1 0 7.6 16.4 4.6 4.6 0 0 0 12 21Z", "middle": 12}
  },
  "fills": {
    "outline": [{"on": "shape", "as": "paper line", "width": 2.2}],
    "broken": [{"on": "shape", "as": "paper line", "width": 2, "dash": "3.4 2.6"}],
    "bars": [{"on": "shape", "as": "paper line", "width": 2.4}, {"path": "M9 -4v8M15 -4v8", "as": "line", "width": 2.6}],
    "full": [{"on": "shape", "as": "ink"}],
    "hole": [{"on": "shape", "as": "ink"}, {"path": "M12 -3.4a3.4 3.4 0 1 1 0 6.8 3.4 3.4 0 0 1 0-6.8Z", "as": "paper"}],
    "bar": [{"on": "shape", "as": "ink"}, {"path": "M6.6 -2h10.8v4H6.6Z", "as": "paper"}],
    "half": [{"on": "shape", "as": "paper line", "width": 2.4}, {"on": "half", "as": "ink"}],
    "check": [{"on": "shape", "as": "paper line", "width": 2.4}, {"path": "M7.4 .4l3.2 3.3 6-7", "as": "line", "width": 2.8}],
    "ring": [{"on": "shape", "as": "paper line", "width": 2.2}, {"on": "shape", "as": "ink", "scale": 0.58}],
    "dot": [{"on": "shape", "as": "paper line", "width": 2.4}, {"path": "M12 -3.2a3.2 3.2 0 1 1 0 6.4 3.2 3.2 0 0 1 0-6.4Z", "as": "ink"}],
    "struck": [{"on": "shape", "as": "paper line", "width": 2.4}, {"path": "M7 4.6 17 -4.6", "as": "line", "width": 2.6}],
    "two": [{"on": "shape", "as": "paper line", "width": 2.2}, {"on": "shape", "as": "line", "width": 3.4, "scale": 0.5}],
    "hatched": [{"on": "shape", "as": "paper line", "width": 1.6}, {"path": "M8 1.6 13.6 -4M9 5 17 -3M13.4 5 17 1.4", "as": "line", "width": 1.8}]
  },
  "late": {
    "late": "M14.5 -.6h10l-2.8 3.2 2.8 3.2h-10Z",
    "far": "M14.5 -.6h10l-2.8 3.2 2.8 3.2h-10ZM14.5 7h10l-2.8 3.2 2.8 3.2h-10Z"
  },
  "statuses": {
    "any": {"fill": "outline", "tone": "ink"},
    "new": {"fill": "broken", "tone": "quiet"},
    "held": {"fill": "bars", "tone": "quiet"},
    "triaged": {"fill": "full", "tone": "ochre"},
    "open": {"fill": "full", "tone": "ochre"},
    "reported": {"fill": "hole", "tone": "ochre"},
    "referred_to_owner": {"fill": "hole", "tone": "ochre"},
    "in_progress": {"fill": "bar", "tone": "ochre"},
    "claimed_fixed": {"fill": "half", "tone": "violet"},
    "verified_fixed": {"fill": "check", "tone": "green"},
    "reopened": {"fill": "ring", "tone": "ochre"},
    "monitoring": {"fill": "dot", "tone": "quiet"},
    "not_actionable": {"fill": "struck", "tone": "quiet"},
    "withdrawn": {"fill": "struck", "tone": "quiet"},
    "duplicate": {"fill": "two", "tone": "quiet"},
    "unknown": {"fill": "hatched", "tone": "quiet"},
    "good": {"fill": "dot", "tone": "ink"}
  }
};
