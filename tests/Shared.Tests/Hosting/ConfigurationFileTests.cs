using System.Text;
using Pipeline.Hosting.Configuration;
using Xunit;

namespace Pipeline.Shared.Tests.Hosting;

/// <summary>Files that can't even be read as text.</summary>
public sealed class ConfigurationFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-configuration-").FullName;

    private string FilePath => Path.Combine(folder, "pipeline.yaml");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_missing_file_says_where_it_was_looked_for()
    {
        Assert.Equal($"{FilePath}: there is no such file. Looked for it at {FilePath}; name another with --config.", Problem());
    }

    [Fact]
    public void A_missing_folder_is_a_missing_file()
    {
        var path = Path.Combine(folder, "nowhere", "pipeline.yaml");

        Assert.Equal("there is no such file", Assert.Single(ConfigurationReader.ReadFile(path, _ => null).Problems).Message);
    }

    [Fact]
    public void A_directory_is_no_file()
    {
        Directory.CreateDirectory(FilePath);

        Assert.Equal($"{FilePath}: this is a directory. Name the file in it.", Problem());
    }

    [Fact]
    public void A_file_of_one_mebibyte_is_read()
    {
        File.WriteAllText(FilePath, new string('#', ConfigurationReader.MaximumBytes));

        Assert.Empty(ConfigurationReader.ReadFile(FilePath, _ => null).Problems);
    }

    [Fact]
    public void A_file_of_one_byte_more_is_refused()
    {
        File.WriteAllText(FilePath, new string('#', ConfigurationReader.MaximumBytes + 1));

        Assert.Equal($"{FilePath}: it is larger than 1 MiB. Check that it is the right file.", Problem());
    }

    [Fact]
    public void A_line_that_is_not_utf8_is_named()
    {
        File.WriteAllBytes(FilePath, [.. "# one\n# two \n# Z"u8, 0xFC, .. "rich\n"u8]);

        Assert.Equal($"{FilePath}:3:1: this line is not UTF-8. Save the file as UTF-8.", Problem());
    }

    [Fact]
    public void A_byte_order_mark_and_windows_line_ends_are_fine()
    {
        File.WriteAllText(FilePath, "intake:\r\n  keep_posts: 1d\r\n", Encoding.UTF8);

        Assert.Equal(TimeSpan.FromDays(1), ConfigurationReader.ReadFile(FilePath, _ => null).Configuration?.Intake.KeepPosts);
    }

    private string Problem() => Assert.Single(ConfigurationReader.ReadFile(FilePath, _ => null).Problems).ToString();
}
