/// A line of which parts have a colour, where colours are shown.
struct StyledText: Sendable, Hashable, ExpressibleByStringLiteral {
    /// How a part looks: the parameters of the terminal's sequence for it.
    enum Style: String, Sendable, Hashable {
        case bold = "1"
        case faint = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
    }

    private var parts: [(text: String, style: Style?)] = []

    /// One part.
    init(_ text: String, _ style: Style? = nil) { parts = [(text, style)] }

    /// One part without a colour.
    init(stringLiteral text: String) { self.init(text) }

    /// The parts of both.
    static func + (one: StyledText, other: StyledText) -> StyledText {
        var text = one
        text.parts += other.parts
        return text
    }

    /// What it says.
    var plain: String { parts.map(\.text).joined() }

    /// The line as it is printed, with control characters escaped.
    ///
    /// - Parameter inColor: Whether colours are shown.
    /// - Returns: The line, without its end.
    func rendered(inColor: Bool) -> String {
        parts.map { text, style in
            let text = text.escapingControlCharacters
            guard inColor, let style, !text.isEmpty else { return text }
            return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
        }.joined()
    }

    static func == (one: StyledText, other: StyledText) -> Bool {
        one.parts.elementsEqual(other.parts) { $0.text == $1.text && $0.style == $1.style }
    }

    func hash(into hasher: inout Hasher) {
        for part in parts {
            hasher.combine(part.text)
            hasher.combine(part.style)
        }
    }
}
