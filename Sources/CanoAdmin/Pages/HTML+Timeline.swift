import CanoBus
import CanoClient

extension HTML {
    /// What happened in a run, event by event, and a line for what is not known.
    static func timeline(_ timeline: RunTimeline) -> HTML {
        let rows = timeline.events.map { event in
            [
                "<time datetime=\"\(event.time)\">\(event.time.dropFirst(11).prefix(12))</time>" as HTML, "\(event.sequence)",
                "<span class=\"\(event.tone.rawValue)\">\(event.typeName.trimmingPrefix("cano."))</span>", "\(event.stateName)",
                "<span class=\"detail\">\(event.detail)</span>",
                "<details id=\"e\(event.id)\"><summary>data</summary>\(block(event.dataJSON))</details>",
            ] as [HTML]
        }
        let missing = timeline.missingLine.map { "<p class=\"faint\">\($0)</p>" as HTML }
        return """
            \(table(["Time", "#No", "Event", "State", "Detail", ""], rows, empty: "No event of this run is kept."))
            \(missing)
            """
    }
}
