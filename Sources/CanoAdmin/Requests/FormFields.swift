import Foundation
import Synchronization

/// The fields of a query or of a form that was sent. Of fields with one name the last counts, unless all of them are asked for, and one without a
/// value is as good as none.
struct FormFields: Sendable {
    private let values: [String: [String]]
    private let asked = AskedFields()

    /// Reads `name=value&…`, percent-encoded, with blanks as plus signs.
    init(_ encoded: some StringProtocol) {
        var values: [String: [String]] = [:]
        for pair in encoded.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            values[Self.decoded(parts[0]), default: []].append(parts.count == 2 ? Self.decoded(parts[1]) : "")
        }
        self.values = values
    }

    private static func decoded(_ text: some StringProtocol) -> String {
        let spaced = String(text).replacing("+", with: " ")
        return spaced.removingPercentEncoding ?? spaced
    }

    /// The value of a field; nil where there is none, or it is empty.
    subscript(name: String) -> String? {
        asked.add(name)
        return values[name]?.last.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The values of all fields of a name, in their order.
    func all(_ name: String) -> [String] {
        asked.add(name)
        return values[name, default: []].filter { !$0.isEmpty }
    }

    /// Refuses what was sent and nothing has read, and what has no value: of a program that meant to say less, a mistyped filter would mean all
    /// there is.
    ///
    /// - Throws: ``RequestProblem`` with the status 400.
    func requireAllRead() throws(RequestProblem) {
        let known = asked.names
        if let name = values.keys.filter({ !known.contains($0) }).min() {
            let there = known.isEmpty ? "there are none" : "there are \(known.sorted().joined(separator: ", "))"
            throw RequestProblem(400, "\"\(name)\" is no field here, so nothing was done: \(there).")
        }
        if let name = values.filter({ $0.value.contains("") }).keys.min() {
            throw RequestProblem(400, "\"\(name)\" has no value, so nothing was done: give one, or leave it out.")
        }
    }

    /// A moment, in milliseconds since 1970, if one is given.
    ///
    /// - Throws: ``RequestProblem`` with the status 400.
    func moment(_ name: String) throws(RequestProblem) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let moment = Self.moment(text) else {
            throw RequestProblem(400, "\"\(name)\" has to be a moment, such as \(Self.momentExample).")
        }
        return moment
    }

    static let momentExample = "2026-11-24T04:50:28Z"

    /// Reads a moment as ISO 8601 has it; nil where it is none.
    static func moment(_ text: String) -> Int64? {
        for hasFraction in [false, true] {
            guard let date = try? Date.ISO8601FormatStyle(includingFractionalSeconds: hasFraction).parse(text) else { continue }
            return Int64((date.timeIntervalSince1970 * 1_000).rounded())
        }
        return nil
    }

    /// The value of a field that has to be there.
    ///
    /// - Throws: ``RequestProblem`` with the status 400.
    func required(_ name: String) throws(RequestProblem) -> String {
        guard let value = self[name] else { throw RequestProblem(400, "The request needs the field \"\(name)\".") }
        return value
    }

    /// The value of a field that is a number, if it is there.
    ///
    /// - Throws: ``RequestProblem`` with the status 400.
    func number(_ name: String, in range: ClosedRange<Int64>) throws(RequestProblem) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let number = Int64(text), range.contains(number) else {
            throw RequestProblem(400, "\"\(name)\" has to be a number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    /// The attribute that runs are to have, if one is given.
    ///
    /// - Throws: ``RequestProblem`` with the status 400.
    var attribute: (name: String, value: String)? {
        get throws(RequestProblem) {
            guard let text = self["attribute"] else { return nil }
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw RequestProblem(400, "Give an attribute as name=value.") }
            return (parts[0], parts[1])
        }
    }

    /// The fields as a query, those without a value left out.
    static func encoded(_ fields: [(String, String?)]) -> String {
        fields.compactMap { name, value in value.map { "\(percentEncoded(name))=\(percentEncoded($0))" } }.joined(separator: "&")
    }

    private static func percentEncoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            guard !byte.isUnreserved else {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
                continue
            }
            let digits = String(byte, radix: 16, uppercase: true)
            encoded += byte < 16 ? "%0\(digits)" : "%\(digits)"
        }
        return encoded
    }
}

/// Which fields were asked for.
private final class AskedFields: Sendable {
    private let state = Mutex<Set<String>>([])

    var names: Set<String> { state.withLock { $0 } }

    func add(_ name: String) { state.withLock { _ = $0.insert(name) } }
}
