extension RedisError {
    /// An error that a script was answered with, which says where in the script it came up.
    ///
    /// The server calls a script by its hash, and Redis 7.0 does not say which command a user may not run; the line tells.
    ///
    /// - Parameters:
    ///   - error: What the server answered. The script may have written before it failed.
    ///   - script: The script.
    init(_ error: RedisServerError, of script: RedisScript) {
        var message = error.explanation()
        if let line = error.scriptLine {
            message += " (script \(script.name), line \(line))"
            if error.saysScriptDenied {
                let command = error.deniedCommand ?? script.command(inLine: line)
                message += " " + (command.map(RedisServerError.advice(toAllow:)) ?? RedisServerError.adviceOnKeys)
            }
        }
        self.init(.server(error), message, mayHaveBeenExecuted: true)
    }
}

extension RESPValue {
    func throwingServerError(of script: RedisScript) throws(RedisError) -> RESPValue {
        if case .error(let error) = self { throw RedisError(error, of: script) }
        return self
    }
}

extension RedisServerError {
    /// The line of the script that failed: `… on @user_script:12.`
    fileprivate var scriptLine: Int? {
        guard let begin = message.firstRange(of: "@user_script:")?.upperBound else { return nil }
        return Int(message[begin...].prefix { $0.isASCII && $0.isNumber })
    }

    /// Whether the user may run the script and not what the script does: in the words of Redis 7.0, and in those of later ones.
    fileprivate var saysScriptDenied: Bool {
        message.contains("The user executing the script can't") || message.contains("ACL failure in script")
    }
}

extension RedisScript {
    /// The Redis command that a line, counted from 1, calls by its name.
    fileprivate func command(inLine line: Int) -> String? {
        let lines = String(decoding: source, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.indices.contains(line - 1), let begin = lines[line - 1].firstRange(of: "call('")?.upperBound else { return nil }
        return String(lines[line - 1][begin...].prefix { $0 != "'" })
    }
}
