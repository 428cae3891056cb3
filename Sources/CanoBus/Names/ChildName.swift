/// What a child run is called, which says whose child it is.
///
/// `<parent>//<visit>`, of a branch of a split `<parent>//<visit>.<branch>`. Behind that, of an attempt after the first, `:<attempt>`; and of a
/// parent that was resumed by a command `:<attempt>.<epoch>`, with the epoch in which it goes on since: so no two children have one id.
package struct ChildName: Sendable, Hashable, CustomStringConvertible {
    /// The run that waits for the child. It may be a child itself.
    package let parent: String
    /// The part of the parent that waits for it: `//<visit>`, or `//<visit>.<branch>`.
    package let leg: String
    /// Which attempt of the parent's it is, from 1.
    package let attempt: Int
    /// In which epoch the parent was last resumed by a command; nil where it was not.
    package let resumed: Int?

    private static let number = "[0-9]{1,18}"
    /// What stands behind the parent's id, without anchors.
    static let pattern = "//\(number)(?:\\.\(number))?(?::\(number)(?:\\.\(number))?)?"

    package init(parent: String, leg: String, attempt: Int = 1, resumed: Int? = nil) {
        self.parent = parent
        self.leg = leg
        self.attempt = attempt
        self.resumed = resumed
    }

    /// Reads the id of a run; nil when it is none of a child.
    package init?(_ run: String) {
        // From its end: the parent may be a child, too.
        guard let slashes = RunName.lastReserved(in: run) else { return nil }
        parent = String(run[..<slashes.lowerBound])
        let parts = run[slashes.upperBound...].split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let visit = Self.numbers(parts[0]), (1...2).contains(visit.count) else { return nil }
        leg = RunName.reserved + parts[0]
        let suffix = parts.count > 1 ? Self.numbers(parts[1]) ?? [] : [1]
        guard (1...2).contains(suffix.count), suffix[0] > 0 else { return nil }
        attempt = suffix[0]
        resumed = suffix.count > 1 ? suffix[1] : nil
        guard description == run, !parent.isEmpty, parent.last != "/" else { return nil }
    }

    private static func numbers(_ text: Substring) -> [Int]? {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { $0.utf8.count <= 18 && $0.utf8.allSatisfy(digits.contains) ? Int($0) : nil }
        // A number has one spelling, so that a child has one id.
        return numbers.map(String.init) == parts.map(String.init) ? numbers : nil
    }

    package var description: String {
        let suffix = resumed.map { ":\(attempt).\($0)" } ?? (attempt > 1 ? ":\(attempt)" : "")
        return parent + leg + suffix
    }

    /// The run that has no parent, from which all of them come.
    package var root: String {
        let end = parent.firstRange(of: RunName.reserved)?.lowerBound ?? parent.endIndex
        return String(parent[..<end])
    }
}
