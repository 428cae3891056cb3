/// Something about a service that can be set: by an option, by a variable of the environment, or in a file.
struct Setting: Sendable, Hashable {
    /// Its name, which is that of the option without its dashes, and its key in a file.
    let name: String
    /// What it means.
    let meaning: String
    /// What it is when nothing sets it; nil where that is nothing, or depends on the machine.
    let standard: String?
    /// Whether it is true or false, and its option takes no value.
    let isFlag: Bool

    /// The option.
    var option: String { "--" + name }

    /// The variable of the environment.
    var variable: String { "CANO_" + name.uppercased().replacing("-", with: "_") }

    /// The value as it may be shown: without a password in a URL.
    func shown(_ value: String) -> String {
        guard name == Self.server else { return value }
        var value = value
        // Of sentinels, whose password stands behind.
        for key in value.ranges(of: "sentinel_password=").reversed() {
            let end = value[key.upperBound...].firstIndex(of: "&") ?? value.endIndex
            value.replaceSubrange(key.upperBound..<end, with: "***")
        }
        guard let scheme = value.firstRange(of: "://") else { return value }
        let rest = value[scheme.upperBound...]
        // As the address is read: a password may hold a slash or a question mark.
        guard !rest.hasPrefix("/"), let at = rest.lastIndex(of: "@"), let colon = rest[..<at].firstIndex(of: ":") else {
            return value
        }
        return value[...colon] + "***" + value[at...]
    }

    /// The settings that commands of clients have as well.
    static let ofEveryCommand: Set<String> = [server, "prefix"]
    static let server = "redis"
    static let file = "config"
    /// Settings of which one makes no sense beside the other: what is set with more weight counts.
    static let alternatives = [server: "embedded", "embedded": server]
}
