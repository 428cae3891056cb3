package import CanoPrimitives

/// The data of an event that ends a run.
package protocol RunEndData: SingleEventData {
    /// How many signals to the run no step has consumed.
    var unreadSignals: Int { get }

    /// Writes the members without the unread signals.
    func writeEnd(_ data: inout JSONWriter)
}

extension RunEndData {
    package func write(_ data: inout JSONWriter) {
        writeEnd(&data)
        if unreadSignals > 0 { data.member(.unreadSignals, Int64(unreadSignals)) }
    }
}

extension Member {
    static let unreadSignals = Member(
        .unreadSignals, .wholeNumber, mayBeMissing: true, "How many signals to it no step has consumed; left out where there are none.")
}
