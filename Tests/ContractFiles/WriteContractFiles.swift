import Foundation

/// Writes docs/contract: `contract-files <folder>`. Files there that are made here and no longer belong there are removed.
@main
struct WriteContractFiles {
    static func main() throws {
        guard CommandLine.arguments.count == 2 else {
            FileHandle.standardError.write(Data("usage: contract-files <folder>\n".utf8))
            exit(2)
        }
        let folder = ContractFolder(URL(filePath: CommandLine.arguments[1]))
        try folder.write(try ContractFiles.all())
    }
}
