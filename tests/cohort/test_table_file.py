"""One table in every form a hospital may hand over, and the forms that are refused."""

import base64
import datetime
import os
import zipfile
import zlib

import pytest
from openpyxl import Workbook

from spl_kedro.cohort.size import MOST_BYTES, MOST_UNPACKED
from spl_kedro.cohort.table_file import read_table
from spl_kedro.errors import UnusableStudyError
from spl_kedro.guarded import Limits, within

# An .xls file of one sheet: case, day, age, known; "001", 5 January 2024 as a date, 61, true.
XLS = (
    "c-rk)OK1~882)BAX&$tBnF_5?LcwZl3oTx}v|FXxQ%dyW13|aVA|<ksG$8e2wdN=Yo)j;Idhk;9;sX_YTs#OBJqU"
    "u3=+Tp);-Ss@&!1gMYlQ~1P?;~xKmTLqpFi{XXLnyO#>;be+bdXwA?T<&AvD$L1eK5{#6Wh(k*rq-sW=Lo3ZWn^W"
    "Ro9{T3!X@8p`#qK*Js1GorvpD#vjKV|m+3Z6Nk>45pAV3=$Q%L7E8KII0BG38q_^-sYB%nGUn&GSfk7TNcN#XpHs"
    "jad+_%t&?pLNWb^F&wJJkpcOCWE<S%n)Y|&7w=ij*-eiUjUo+-G3p#4qRzb>9+(Z~SO6W_c`$k5}NYY}@<C~KLzI"
    "vznX-ergRxd#MA1n2NKj?$Bh^zHiH6Jho=OiDJ66NKjua=B6W^vN8i&IPJrhNe}WSTIiEFH+2(?rcv7O8V~{;W+>"
    "fB!&O=6KEtu@yO?h0jVe(JZ3O$N9v>XrQHAU*4q0GsX$l%<w%>yDhfM;Nakb>_MF)Y|)rXOAqtAm|kSB+n8@>nxv"
    "4a?#i^f%z;^MbBV28G|q0uTVqEZzmxdV=YtPAN}r5w;ul6M=aLKWj5&1D?Ukke@;8fK(JQWBlXz%&wQw`b2c~VmW"
    "tpHBb7ObhD=~^?d9Da?rZq{<j`$^M?p)O*oh04$CD!mI*q5B0Clrm0HG$_Zq>u0H%dZ7Vr}GFyS_1cYI*04-=`a)"
    "&6ciK`6ciK`)`oDO$94CK-0wc`2i)&E%T%iBGs%C8L&(#wNH3N9VN+eebVK`REBwOqCDz%;`(7w<m_{!khjET0*Y"
    "N(O_cc-ff7abG_V<oZqvKZ_iSr+i{}bY1)P?"
)
HEADER = ["case id", "Größe", "pathology", "note"]
ROWS = [
    ["001", "12,5", "benign", "scharf, glatt"],
    ["002", "7", "malignant", "unruhig; grob"],
    ["003", "", "benign", 'sagt "unklar"'],
]


def csv_text(separator):
    def quoted(cell):
        escaped = cell.replace('"', '""')
        return f'"{escaped}"' if separator in cell or '"' in cell else cell

    return "\r\n".join(separator.join(map(quoted, row)) for row in [HEADER, *ROWS]) + "\r\n"


def workbook(path, rows, title="Patienten"):
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_separator_and_encoding_are_recognised(tmp_path, separator, encoding):
    path = tmp_path / "cohort.csv"
    path.write_bytes(csv_text(separator).encode(encoding))
    table = read_table(path)
    assert list(table.columns) == HEADER
    assert table.to_numpy().tolist() == ROWS
    assert table.index.tolist() == [1, 2, 3]


@pytest.mark.parametrize("name", ["cohort.xlsx", "cohort.csv", "cohort"])
def test_a_workbook_is_known_by_its_content_and_text_named_xlsx_too(tmp_path, name):
    table = read_table(workbook(tmp_path / "book.xlsx", [HEADER, *ROWS]).rename(tmp_path / name))
    assert table.to_numpy().tolist() == ROWS
    (tmp_path / "text.xlsx").write_text(csv_text(";"), encoding="utf-8")
    assert read_table(tmp_path / "text.xlsx").to_numpy().tolist() == ROWS


def test_excel_s_own_first_line_names_the_separator(tmp_path):
    (tmp_path / "cohort.csv").write_text("sep=;\n" + csv_text(";"))
    table = read_table(tmp_path / "cohort.csv")
    assert list(table.columns) == HEADER
    assert table.index.tolist() == [2, 3, 4]


def test_cells_of_a_workbook_read_as_excel_shows_them(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet.append(["id", "day", "number", "failed", "yes"])
    sheet.append([7, datetime.datetime(2024, 1, 5), 12.0, "#N/A", True])
    sheet["A2"].number_format = "0000"
    book.save(tmp_path / "c.xlsx")
    (row,) = read_table(tmp_path / "c.xlsx").to_numpy().tolist()
    assert row == ["0007", "2024-01-05", "12", "#N/A", "True"]


def test_an_old_workbook_is_read_alike(tmp_path):
    (tmp_path / "c.xlsx").write_bytes(zlib.decompress(base64.b85decode(XLS)))
    assert read_table(tmp_path / "c.xlsx").to_dict("records") == [
        {"case": "001", "day": "2024-01-05", "age": "61", "known": "True"}
    ]


def test_the_first_sheet_that_is_not_empty_is_read_or_the_one_asked_for(tmp_path):
    book = Workbook()
    for title, rows in [("Patients", [HEADER, *ROWS]), ("Other", [["a", "b"], ["1", "2"]])]:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "c.xlsx")
    assert list(read_table(tmp_path / "c.xlsx").columns) == HEADER
    assert list(read_table(tmp_path / "c.xlsx", sheet="Other").columns) == ["a", "b"]
    with pytest.raises(UnusableStudyError, match=r"a sheet 'None'.*'Patients', 'Other'.*`sheet`"):
        read_table(tmp_path / "c.xlsx", sheet="None")


def test_a_header_loses_blanks_and_line_breaks_and_empty_columns_go(tmp_path):
    (tmp_path / "c.csv").write_text('\n"  Age\n(years) ", id\u00a0,,\n61,a,,\n,,,\n62,b,,\n')
    table = read_table(tmp_path / "c.csv")
    assert list(table.columns) == ["Age (years)", "id"]
    assert table.to_numpy().tolist() == [["61", "a"], ["62", "b"]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b" \r\n\t\r\n", "the file is empty"),
        (b",,\n,,\n", "blank cells alone"),
        (b"id,age\n", "a header and no row"),
        (b"id,age\n,\n", "a header and no row"),
        (b"id,id,age\n1,2,3\n", "'id' stand over several columns"),
        (b"7,Anna,Anna\n8,Bea,Bea\n", "some names stand over several columns"),
        (b"id,,age\n1,2,3\n", "row 1, taken for the header, has no name for column 2"),
        (b"id,age\n1,2\n3,4,5\n", "row 3 has 3 cells, the header 2"),
        (b"id,age,sex\n1,2,f\n3,4\n", "row 3 has 2 cells, the header 3"),
        (b'id,age\n"1,2\n3,4\n', "quotation marks in pairs"),
        (b"id age\n1 2\n", "not divided by comma, semicolon, tab or bar"),
        (b"Our cohort\nid,age\n1,2\n", "Begin the file with the row of column names"),
        (b"id;a,b\n1;2,3\n", "comma and semicolon both divide it evenly. Remedy: Set `separator`"),
        ("id,Płeć\n1,mężczyzna\n".encode("cp1250"), "code page cannot be told"),
        ("id,возраст\n1,муж\n".encode("cp1251"), "code page cannot be told"),
        ("id,Männlich\n1,2\n".encode("cp437"), "code page cannot be told"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary data of another kind"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "binary data of another kind"),
        (b"<html><table><tr><td>id</td></tr></table></html>", "a web page or an XML file"),
        (b"PK\x03\x04 damaged", "damaged or no Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "damaged or no Excel workbook"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
    ],
)
def test_what_is_no_trustworthy_table_is_refused_with_file_and_remedy(tmp_path, content, words):
    path = tmp_path / "cohort.csv"
    path.write_bytes(content)
    with pytest.raises(UnusableStudyError) as refused:
        read_table(path)
    assert words in str(refused.value)
    assert str(refused.value).startswith("cohort.csv: ")
    assert len(refused.value.remedy) > 10


def test_a_workbook_with_a_title_above_its_header_is_refused_by_row(tmp_path):
    rows = [["Cohort 2024"], HEADER, *ROWS]
    with pytest.raises(UnusableStudyError, match=r"row 1, taken for the header, has no name"):
        read_table(workbook(tmp_path / "c.xlsx", rows))


def test_a_formula_that_no_program_computed_is_refused_by_cell(tmp_path):
    with pytest.raises(UnusableStudyError, match="cell B2 holds a formula"):
        read_table(workbook(tmp_path / "c.xlsx", [["id", "age"], ["1", "=60+1"]]))


def test_a_zip_file_that_is_no_workbook_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "c.xlsx", "w") as archive:
        archive.writestr("data.txt", "id,age")
    with pytest.raises(UnusableStudyError, match="no Excel workbook"):
        read_table(tmp_path / "c.xlsx")


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "device", "unreadable"])
def test_what_is_no_file_is_refused_at_once(tmp_path, kind):
    path = tmp_path / "cohort.csv"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "unreadable":
        path.write_text("id,age\n1,2\n")
        path.chmod(0)
        if os.access(path, os.R_OK):
            path.unlink()  # root reads everything; a missing file stands for it
    with pytest.raises(UnusableStudyError, match=r"cohort\.csv: a readable file: .* Remedy: "):
        read_table(path)


def rewritten(path, change):
    """Let a workbook's sheet be changed as text: what openpyxl does not write."""
    with zipfile.ZipFile(path) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    files[sheet] = change(files[sheet].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)


def refusal(path):
    with pytest.raises(UnusableStudyError) as caught:
        read_table(path)
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_a_workbook_that_unpacks_to_more_than_any_table_is_refused_before_it_is(tmp_path):
    workbook(tmp_path / "a.xlsx", [["case", "age"], ["1", 61]])
    rewritten(tmp_path / "a.xlsx", lambda text: text + " " * (MOST_UNPACKED + 1))
    assert (tmp_path / "a.xlsx").stat().st_size < 2**20
    assert "it unpacks to 512 MiB" in refusal(tmp_path / "a.xlsx")


def test_a_workbook_with_one_cell_at_its_far_end_is_refused_and_not_walked_through(tmp_path):
    workbook(tmp_path / "a.xlsx", [["case", "age"], ["1", 61]])
    far = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    rewritten(tmp_path / "a.xlsx", lambda text: text.replace("</sheetData>", far))
    assert "at most 5,000,000 cells" in refusal(tmp_path / "a.xlsx")


def test_a_workbook_that_takes_too_long_or_too_much_memory_is_refused(tmp_path):
    # openpyxl makes an object for each of the 17 billion cells that are merged.
    workbook(tmp_path / "a.xlsx", [["case", "age"], ["1", 61]])
    merged = '</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    rewritten(tmp_path / "a.xlsx", lambda text: text.replace("</sheetData>", merged))
    with within(Limits(seconds=2)):
        assert "was not decoded within 2 s" in refusal(tmp_path / "a.xlsx")
    with within(Limits(memory_mb=100)):
        assert "took more than 100 MiB" in refusal(tmp_path / "a.xlsx")


def test_a_text_of_few_bytes_that_would_fill_up_to_many_cells_is_refused(tmp_path):
    rows = "1,2\n" * 3000 + "1,2" + "," * 3000
    (tmp_path / "a.csv").write_text(f"case,age\n{rows}\n")
    assert "at most 5,000,000 cells" in refusal(tmp_path / "a.csv")


def test_a_file_that_is_larger_than_any_table_is_not_opened(tmp_path):
    with (tmp_path / "a.csv").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    assert "a table of at most 64 MiB" in refusal(tmp_path / "a.csv")


def test_a_refusal_is_one_line_whatever_the_table_holds(tmp_path):
    # Found by fuzzing: a tab that a library quotes, and a control character in a header.
    (tmp_path / "a.csv").write_bytes(b'case\tage\n"1"x\t"2"\n')
    assert "quotation marks in pairs" in refusal(tmp_path / "a.csv")


def test_separator_and_encoding_can_be_given(tmp_path):
    path = tmp_path / "cohort.csv"
    path.write_bytes("id;Płeć\n1;mężczyzna, 40\n".encode("cp1250"))
    table = read_table(path, encoding="cp1250", separator=";")
    assert table.to_dict("records") == [{"id": "1", "Płeć": "mężczyzna, 40"}]
    with pytest.raises(UnusableStudyError, match="Correct `encoding`"):
        read_table(path, encoding="klingon")
