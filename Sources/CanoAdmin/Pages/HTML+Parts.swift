import CanoBus
import CanoPrimitives

extension HTML {
    /// A moment in milliseconds since 1970, in UTC to the second; the whole of it is there for programs.
    static func moment(_ milliseconds: Int64?) -> HTML {
        guard let milliseconds else { return "–" }
        let text = Timestamp.text(milliseconds)
        return "<time datetime=\"\(text)\">\(String(text.prefix(19)).replacing("T", with: " "))</time>"
    }

    static func status(_ status: RunStatus) -> HTML { "<span class=\"status \(status.rawValue)\">\(status.rawValue)</span>" }

    /// JSON or another long text, as it is.
    static func block(_ text: String?) -> HTML {
        guard let text else { return "" }
        return "<pre>\(text)</pre>"
    }

    /// A table; what is said instead where it has no rows.
    ///
    /// - Parameters:
    ///   - columns: The headings; those that begin with `#` are of numbers.
    ///   - rows: The cells of each row.
    ///   - empty: The sentence that stands there without rows.
    /// - Returns: The table, or the sentence.
    static func table(_ columns: [String], _ rows: [[HTML]], empty: String) -> HTML {
        guard !rows.isEmpty else { return "<p class=\"empty\">\(empty)</p>" }
        let isNumber = columns.map { $0.hasPrefix("#") }
        let heads = zip(columns, isNumber).map { name, isNumber -> HTML in
            "<th scope=\"col\" class=\"\(isNumber ? "number" : "")\">\(String(isNumber ? name.dropFirst() : name[...]))</th>"
        }
        let lines = rows.map { cells -> HTML in
            let cells = zip(cells, isNumber).map { cell, isNumber -> HTML in "<td class=\"\(isNumber ? "number" : "")\">\(cell)</td>" }
            return "<tr>\(cells)</tr>\n"
        }
        return "<div class=\"wide\"><table><thead><tr>\(heads)</tr></thead><tbody>\n\(lines)</tbody></table></div>"
    }

    /// Names and what they stand for; those without a value are left out.
    static func facts(_ facts: [(String, HTML?)]) -> HTML {
        let lines = facts.compactMap { name, value -> HTML? in value.map { "<dt>\(name)</dt><dd>\($0)</dd>\n" } }
        return lines.isEmpty ? "" : "<dl>\n\(lines)</dl>"
    }

    /// A field in which one of several words is chosen.
    static func choice(_ name: String, _ label: String, _ choices: [(value: String, text: String)], chosen: String?) -> HTML {
        let options = choices.map { value, text -> HTML in
            "<option value=\"\(value)\"\(value == chosen ?? "" ? HTML(" selected") : "")>\(text)</option>"
        }
        return "<label>\(label) <select name=\"\(name)\">\(options)</select></label>"
    }

    /// A field of text.
    static func field(_ name: String, _ label: String, _ value: String?, hint: String = "") -> HTML {
        "<label>\(label) <input name=\"\(name)\" value=\"\(value)\" placeholder=\"\(hint)\" spellcheck=\"false\"></label>"
    }
}
