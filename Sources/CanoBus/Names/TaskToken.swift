import CanoPrimitives

/// What a task is known by to its worker, which hands it back: opaque to workers.
///
/// `<run>//<visit>/<attempt>/<nonce>`, in a branch of a split `<run>//<visit>.<branch>/…`, for undoing a step
/// `<run>//<visit>-undo/…`. The nonce is one for all attempts of a visit, and another for those at undoing it, so that a
/// late success counts, and random, so that no worker can answer what it never saw.
package struct TaskToken: Sendable, Hashable, CustomStringConvertible {
    package let run: String
    /// The part of the run that waits for the answer: `//<visit>`, `//<visit>.<branch>`, or `//<visit>-undo`.
    package let leg: String
    /// From 1.
    package let attempt: Int
    package let nonce: String

    /// What every token looks like, without anchors.
    package static let pattern = "\(RunName.pattern)//[0-9]{1,18}(?:\\.[0-9]{1,18}|-undo)?/[1-9][0-9]{0,17}/\(Name.pattern)"

    package init(run: String, leg: String, attempt: Int, nonce: String) {
        self.run = run
        self.leg = leg
        self.attempt = attempt
        self.nonce = nonce
    }

    /// Reads a token; nil when it is none.
    package init?(_ text: String) {
        // From its end: a run id may end in a slash, and what follows has no two in a row.
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count >= 5, parts[parts.count - 4].isEmpty else { return nil }
        let (leg, attempt) = (parts[parts.count - 3], parts[parts.count - 2])
        // A number has one spelling, so that an attempt has one token.
        guard Self.isLeg(leg), Self.isNumber(attempt), attempt.first != UInt8(ascii: "0"), let number = Int(Substring(attempt)) else {
            return nil
        }
        run = String(text[..<text.utf8.index(before: parts[parts.count - 4].startIndex)])
        self.leg = RunName.reserved + Substring(leg)
        self.attempt = number
        nonce = String(Substring(parts[parts.count - 1]))
        guard RunName.isValid(run), Name.isValid(nonce) else { return nil }
    }

    private static func isLeg(_ text: Substring.UTF8View) -> Bool {
        let undoing = "-undo".utf8
        if text.suffix(undoing.count).elementsEqual(undoing) { return isNumber(text.dropLast(undoing.count)) }
        let numbers = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return (1...2).contains(numbers.count) && numbers.allSatisfy(isNumber)
    }

    /// Whether it is 1 to 18 digits, and nothing else.
    private static func isNumber(_ text: Substring.UTF8View) -> Bool {
        (1...18).contains(text.count) && text.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
    }

    package var description: String { "\(run)\(leg)/\(attempt)/\(nonce)" }
}
