@testable import CanoBus

extension CommandParser {
    /// Reads a command whose fields are texts, with the limits of the contract, on a bus that keeps records for as long as can be said.
    ///
    /// - Parameters:
    ///   - fields: The fields.
    ///   - stream: Where it was read; nil for the stream of results if its type is an answer's, and else that of commands.
    /// - Returns: The command.
    /// - Throws: What is wrong with it.
    static func parse(_ fields: [(String, String)], from stream: InboundStream? = nil) throws(Rejection) -> any BusCommand {
        let isAnswer = fields.last { $0.0 == "type" }.flatMap { CommandType(rawValue: $0.1) }?.isAnswer == true
        let stream = stream ?? (isAnswer ? .results : .commands)
        let bytes = fields.map { (name: Array($0.0.utf8), value: Array($0.1.utf8)) }
        var limits = BusLimits()
        limits.retention = .milliseconds(BusLimits.lastMoment)
        return try CommandParser(limits: limits).parse("1795480517506-0", bytes, from: stream).command
    }
}

extension BusLimits {
    /// With inputs of at most so many bytes.
    static func inputs(of bytes: Int) -> BusLimits {
        var limits = BusLimits()
        limits.inputBytes = bytes
        return limits
    }
}

extension BusCommand {
    /// Its fields by their names.
    var fieldValues: [String: String] { Dictionary(fields.map { ($0.name, $0.value) }) { _, last in last } }
}
