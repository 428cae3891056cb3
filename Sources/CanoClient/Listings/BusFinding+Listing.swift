import CanoBus
import CanoPrimitives

extension BusFinding {
    /// The finding as one JSON object on one line.
    package var json: String {
        var text = JSONWriter()
        text.member("severity", severity.rawValue)
        text.member("subject", subject)
        text.member("finding", finding)
        if let remedy { text.member("remedy", remedy) }
        if !shards.isEmpty { text.member("shards", json: JSONWriter.array(shards.map(JSONWriter.string))) }
        return text.object
    }

    /// The shards that it is of, for people; nil where it is of all of the bus.
    package var place: String? {
        guard let first = shards.first else { return nil }
        guard shards.count > 3 else { return shards.joined(separator: " ") }
        return "\(first) and \(shards.count - 1) other shards"
    }
}
