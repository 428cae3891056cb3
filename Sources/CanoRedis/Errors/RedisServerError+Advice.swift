extension RedisServerError {
    /// The server's words and, where they are known to leave a question open, what to do.
    func explanation() -> String {
        guard let advice else { return message }
        return message + " " + advice
    }

    private var advice: String? {
        switch code {
        case "MOVED":
            return "(the nodes of the cluster don't agree yet on who serves this key: try again)"
        case "ASK", "TRYAGAIN":
            return "(the slot of this key is on its way to another node of the cluster: try again once it is there)"
        case "NOPERM":
            return deniedCommand.map(Self.advice(toAllow:)) ?? Self.adviceOnKeys
        default:
            return nil
        }
    }

    /// The command that the user may not run, if the server names it: `NOPERM … permissions to run the 'config|get' command`.
    var deniedCommand: String? {
        guard let begin = message.firstRange(of: "run the '")?.upperBound, let end = message[begin...].firstIndex(of: "'") else {
            return nil
        }
        return String(message[begin..<end])
    }

    /// How an operator lets the user run a command.
    static func advice(toAllow command: String) -> String {
        "(an operator allows it with: ACL SETUSER <user> +\(command.lowercased()))"
    }

    /// How an operator lets the user have keys that a command was refused for.
    static let adviceOnKeys = "(an operator allows the keys with: ACL SETUSER <user> ~<pattern>)"
}
