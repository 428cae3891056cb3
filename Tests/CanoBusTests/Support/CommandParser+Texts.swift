@testable import CanoBus

extension CommandParser {
    /// Reads a command whose fields are texts, with the limits of the contract.
    static func parse(_ fields: [(String, String)], from stream: InboundStream = .commands) throws(Rejection) -> any BusCommand {
        let bytes = fields.map { (name: Array($0.0.utf8), value: Array($0.1.utf8)) }
        return try CommandParser(maximumInputBytes: BusLimits().inputBytes).parse("1795480517506-0", bytes, from: stream).command
    }
}

extension BusCommand {
    /// Its fields by their names.
    var fieldValues: [String: String] { Dictionary(fields.map { ($0.name, $0.value) }) { _, last in last } }
}
