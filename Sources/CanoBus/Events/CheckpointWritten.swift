package import CanoPrimitives

/// A checkpoint row was written.
public struct CheckpointWritten: SingleEventData {
    package static let type = EventType.checkpointWritten

    /// The row's number, from 0.
    public let row: Int
    /// What it says.
    public let kind: String

    package init(row: Int, kind: String) {
        self.row = row
        self.kind = kind
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.row, Int64(row))
        data.member(.kind, kind)
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        row = try data.value(.row)
        kind = try data.value(.kind)
    }

    package static let members = [Member(.row, .wholeNumber, "The row's number, from 0."), Member(.kind, .text, "What it says.")]
}
