/// A JSON text that was read once: its values in the order of the text, those of lists and objects behind them.
///
/// ``JSONSyntax`` says what it may be. Whatever else decoders may take is left to them.
struct JSONDocument: Sendable {
    /// What a value is, as its first look tells.
    enum Kind: Sendable {
        case null, no, yes
        /// A whole number of at most 18 digits.
        case integer
        /// Any other number.
        case number
        /// A text, and the name of a member, in which nothing is escaped.
        case text
        /// A text, or the name of a member, with escapes.
        case escapedText
        case list, object
    }

    /// A value, or the name of a member.
    struct Node: Sendable {
        let kind: Kind
        /// Where it stands in the text: of texts what is between the quotes.
        let start: Int
        var end: Int
        /// How many elements a list has, and how many members an object.
        var count = 0
        /// The node behind it, and behind all that is in it.
        var next: Int

        /// Where it begins, with its quotes where it has some, and where what is behind it does.
        var place: Int { isText ? start - 1 : start }
        var placeBehind: Int { isText ? end + 1 : end }
        private var isText: Bool { kind == .text || kind == .escapedText }
    }

    let bytes: [UInt8]
    /// Of an object the name of each member comes before its value.
    let nodes: [Node]

    /// Reads a text.
    ///
    /// - Throws: ``JSONSyntax/Problem`` when it is not JSON.
    init(_ bytes: [UInt8]) throws(JSONSyntax.Problem) {
        self.bytes = bytes
        nodes = try JSONSyntax.nodes(of: bytes)
    }
}
