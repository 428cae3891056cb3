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
        return text.object
    }
}
