#if SQLite
    import CanoBus

    extension RunAttribute {
        /// What it is found by: texts that are numbers, and numbers, by the number.
        var key: String {
            switch self {
            case .text(let text): Self.key(text)
            case .number(let number): Self.number(number).json ?? ""
            case .truth(let truth): truth ? "true" : "false"
            }
        }

        /// What is looked for where an attribute is to ``matches(_:)`` a text. Some that have it do not match: `5.0` is no `5`.
        static func key(_ text: String) -> String {
            guard let number = Double(text), number.isFinite else { return text }
            return RunAttribute.number(number).json ?? text
        }
    }
#endif
