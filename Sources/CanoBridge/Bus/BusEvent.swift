/// An event of a run before it has its number: what happened, when, and its data as JSON text.
struct BusEvent: Sendable, Hashable {
    let type: String
    /// Milliseconds since 1970, on Redis' clock.
    let time: Int64
    let data: String

    /// An event's number as it is printed: ten digits, as the sequence extension of CloudEvents asks.
    static func printed(sequence: Int) -> String {
        let digits = String(sequence)
        return String(repeating: "0", count: max(0, 10 - digits.utf8.count)) + digits
    }
}
