import NIOCore
import Testing

@testable import CanoRedis

@Suite("A command", .timeLimit(.minutes(5)))
struct RESPCommandTests {
    private func wire(_ command: EncodedCommand) -> String {
        var buffer = ByteBuffer()
        command.write(to: &buffer)
        #expect(buffer.readableBytes == command.byteCount)
        return String(buffer: buffer)
    }

    @Test("is an array of length-prefixed arguments on the wire")
    func arguments() {
        var command = RESPCommand("SET")
        command.append("key with spaces")
        command.append("")
        command.append(-12)
        command.append(Int64.min)
        command.append(bytes: [0x0D, 0x0A])
        command.append("static" as StaticString)
        #expect(command.argumentCount == 7)
        #expect(
            wire(EncodedCommand(command))
                == "*7\r\n$3\r\nSET\r\n$15\r\nkey with spaces\r\n$0\r\n\r\n$3\r\n-12\r\n$20\r\n-9223372036854775808\r\n$2\r\n\r\n\r\n$6\r\nstatic\r\n"
        )
    }

    @Test("counts bytes, not characters")
    func unicode() {
        #expect(wire(EncodedCommand(RESPCommand("ECHO", "grün"))) == "*2\r\n$4\r\nECHO\r\n$5\r\ngrün\r\n")
    }

    @Test("takes bytes from any collection")
    func collections() {
        var command = RESPCommand("ECHO")
        command.append(bytes: "lazy".utf8.lazy.map { $0 })
        #expect(wire(EncodedCommand(command)) == "*2\r\n$4\r\nECHO\r\n$4\r\nlazy\r\n")
    }

    @Test("has the byte count it writes, whatever the number of arguments", arguments: [1, 8, 9, 10, 98, 99, 100, 1000])
    func byteCount(_ count: Int) {
        var command = RESPCommand("DEL")
        for index in 0..<count { command.append(index) }
        _ = wire(EncodedCommand(command))
    }

    @Test("is sent twice from the same value")
    func repeated() {
        let command = EncodedCommand(RESPCommand("GET", "k"))
        var buffer = ByteBuffer()
        command.write(to: &buffer)
        command.write(to: &buffer)
        #expect(String(buffer: buffer) == String(repeating: "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", count: 2))
    }

    @Test("of a script goes by hash or by source with the same arguments")
    func script() {
        let script = RedisScript(name: "one", source: Array("return 1".utf8))
        var call = RedisScriptCall(script, keys: ["a", "b"])
        call.append("x")
        call.append(7)
        #expect(call.byHash == nil)
        script.forms.learn(hash: "e0e1f9fabfc9d4800c877a703b823ac0578ff8db")
        #expect(
            call.byHash.map(wire)
                == "*7\r\n$7\r\nEVALSHA\r\n$40\r\ne0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n$1\r\n2\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nx\r\n$1\r\n7\r\n"
        )
        #expect(
            wire(call.bySource)
                == "*7\r\n$4\r\nEVAL\r\n$8\r\nreturn 1\r\n$1\r\n2\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nx\r\n$1\r\n7\r\n")
    }
}
