"""Builds `templates/reference.docx`, the Word look of every document, from plain parts written out below.

    python -m tests.make_reference        writes the file anew

A school that wants its own look edits that file in Word; the styles keep their names. This script is how
the shipped one came to be, and a test holds the two equal.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

REFERENCE = Path(__file__).parent.parent / "templates" / "reference.docx"

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ACCENT, _QUIET, _LINE, _TINT = "0B4F5C", "4D5963", "B8C4CA", "EEF4F5"

_CONTENT_TYPES = f"""{_XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>
<Override PartName="/word/numbering.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"/>
<Override PartName="/word/fontTable.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.fontTable+xml"/>
<Override PartName="/word/theme/theme1.xml" ContentType="application/vnd.openxmlformats-officedocument.theme+xml"/>
<Override PartName="/word/settings.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"/>
<Override PartName="/word/header1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/>
<Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/>
<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>
<Override PartName="/docProps/app.xml" ContentType="application/vnd.openxmlformats-officedocument.extended-properties+xml"/>
</Types>
"""

_PACKAGE_RELS = f"""{_XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>
<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/>
<Relationship Id="rId3" Type="{_OFFICE}/extended-properties" Target="docProps/app.xml"/>
</Relationships>
"""

_DOCUMENT_RELS = f"""{_XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="{_OFFICE}/styles" Target="styles.xml"/>
<Relationship Id="rId2" Type="{_OFFICE}/numbering" Target="numbering.xml"/>
<Relationship Id="rId3" Type="{_OFFICE}/settings" Target="settings.xml"/>
<Relationship Id="rId4" Type="{_OFFICE}/header" Target="header1.xml"/>
<Relationship Id="rId5" Type="{_OFFICE}/footer" Target="footer1.xml"/>
<Relationship Id="rId6" Type="{_OFFICE}/fontTable" Target="fontTable.xml"/>
<Relationship Id="rId7" Type="{_OFFICE}/theme" Target="theme/theme1.xml"/>
</Relationships>
"""

_CORE = f"""{_XML}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>Reference document</dc:title><dc:language>en-GB</dc:language></cp:coreProperties>
"""

_APP = f"""{_XML}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>aupgen</Application></Properties>
"""

_SETTINGS = f"""{_XML}<w:settings {_W}><w:zoom w:percent="100"/><w:defaultTabStop w:val="720"/><w:characterSpacingControl w:val="doNotCompress"/><w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat><w:themeFontLang w:val="en-GB"/><w:decimalSymbol w:val="."/><w:listSeparator w:val=","/></w:settings>
"""

_FONTS = f"""{_XML}<w:fonts {_W}><w:font w:name="Arial"><w:panose1 w:val="020B0604020202020204"/><w:charset w:val="00"/><w:family w:val="swiss"/><w:pitch w:val="variable"/></w:font></w:fonts>
"""


def _theme() -> str:
    """Word asks for a theme though no style uses it: the palette a school meets in Word's colour menus."""
    colours = {
        "dk1": "1D2329", "lt1": "FFFFFF", "dk2": _ACCENT, "lt2": _TINT, "accent1": _ACCENT, "accent2": "8A1C1C",
        "accent3": _QUIET, "accent4": "6B5200", "accent5": "0A5A8A", "accent6": _LINE, "hlink": "0A5A8A", "folHlink": _QUIET,
    }  # fmt: skip
    scheme = "".join(f'<a:{name}><a:srgbClr val="{value}"/></a:{name}>' for name, value in colours.items())
    font = '<a:latin typeface="Arial"/><a:ea typeface=""/><a:cs typeface=""/>'
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
    line = f'<a:ln w="9525" cap="flat" cmpd="sng" algn="ctr">{fill}<a:prstDash val="solid"/></a:ln>'
    effect = "<a:effectStyle><a:effectLst/></a:effectStyle>"
    return (
        f'{_XML}<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" name="aupgen"><a:themeElements>'
        f'<a:clrScheme name="aupgen">{scheme}</a:clrScheme>'
        f'<a:fontScheme name="aupgen"><a:majorFont>{font}</a:majorFont><a:minorFont>{font}</a:minorFont></a:fontScheme>'
        f'<a:fmtScheme name="aupgen"><a:fillStyleLst>{fill * 3}</a:fillStyleLst><a:lnStyleLst>{line * 3}</a:lnStyleLst>'
        f"<a:effectStyleLst>{effect * 3}</a:effectStyleLst><a:bgFillStyleLst>{fill * 3}</a:bgFillStyleLst></a:fmtScheme>"
        "</a:themeElements></a:theme>\n"
    )


_DOCUMENT = f"""{_XML}<w:document {_W} {_R}><w:body><w:p/><w:sectPr><w:headerReference w:type="default" r:id="rId4"/><w:footerReference w:type="default" r:id="rId5"/><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1021" w:left="1134" w:header="510" w:footer="454" w:gutter="0"/><w:cols w:space="708"/></w:sectPr></w:body></w:document>
"""

_HEADER = f"""{_XML}<w:hdr {_W}><w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr><w:r><w:t>{{{{ school }}}} · {{{{ title }}}}</w:t></w:r><w:r><w:tab/></w:r><w:r><w:rPr><w:b/><w:color w:val="8A1C1C"/></w:rPr><w:t>{{{{ draft }}}}</w:t></w:r></w:p></w:hdr>
"""


def _field(code: str) -> str:
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {code} </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


_FOOTER = (
    # The page number has a frame of its own, beside which the indent of long words ends.
    f'{_XML}<w:ftr {_W}><w:p><w:pPr><w:pStyle w:val="FooterRule"/></w:pPr></w:p>'
    '<w:p><w:pPr><w:pStyle w:val="Footer"/><w:framePr w:hSpace="284" w:wrap="around" w:vAnchor="text" w:hAnchor="margin" w:xAlign="right" w:y="1"/><w:ind w:right="0"/></w:pPr>'
    f'<w:r><w:t xml:space="preserve">Page </w:t></w:r>{_field("PAGE")}'
    f'<w:r><w:t xml:space="preserve"> of </w:t></w:r>{_field("NUMPAGES")}</w:p>'
    '<w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr><w:r><w:t>{{ running }}</w:t></w:r></w:p></w:ftr>\n'
)


def _frame() -> str:
    sides = ("top", "left", "bottom", "right")
    return "".join(f'<w:{side} w:val="single" w:sz="18" w:space="0" w:color="{_ACCENT}"/>' for side in sides)


def _paragraph_style(
    id_: str,
    name: str,
    *,
    based: str = "Normal",
    next_: str = "",
    paragraph: str = "",
    run: str = "",
    quick: bool = True,
) -> str:
    following = f'<w:next w:val="{next_}"/>' if next_ else ""
    custom = (
        ' w:customStyle="1"'
        if id_ in ("Motto", "LeadIn", "Small", "TableText", "TableHead", "FieldLabel", *_LARGE, *_LISTED)
        else ""
    )
    return (
        f'<w:style w:type="paragraph"{custom} w:styleId="{id_}"><w:name w:val="{name}"/><w:basedOn w:val="{based}"/>{following}'
        f"{'<w:qFormat/>' if quick else ''}<w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )


_LARGE = ("LargeHeading1", "LargeHeading2", "LargeText", "LargeListBullet", "LargeFieldLabel")


_LISTED = ("ListedHeading2", "ListedHeading3", "ContentsTitle")


def _contents_styles() -> str:
    """Headings that a table of contents lists, those of appendices apart, and its own lines."""
    tab = '<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="9638"/></w:tabs>'
    return "".join(
        (
            _paragraph_style("ListedHeading2", "Listed Heading 2", based="Heading2", next_="Normal"),
            _paragraph_style("ListedHeading3", "Listed Heading 3", based="Heading3", next_="Normal"),
            _paragraph_style(
                "ContentsTitle", "Contents Title", based="LeadIn",
                paragraph='<w:spacing w:before="200" w:after="40"/>', run=f'<w:color w:val="{_ACCENT}"/><w:sz w:val="26"/>',
            ),
            _paragraph_style(
                "TOC1", "toc 1", next_="Normal", quick=False, run="<w:b/>",
                paragraph=f'{tab}<w:spacing w:before="80" w:after="0" w:line="247" w:lineRule="auto"/>',
            ),
            _paragraph_style(
                "TOC2", "toc 2", next_="Normal", quick=False,
                paragraph=f'{tab}<w:spacing w:before="0" w:after="0" w:line="247" w:lineRule="auto"/><w:ind w:left="397"/>',
            ),
        )
    )  # fmt: skip


def _large_styles() -> str:
    """Styles of documents for young readers: the ordinary ones in larger type."""
    return "".join(
        (
            _paragraph_style("LargeHeading1", "Large Heading 1", based="Heading1", run='<w:sz w:val="44"/>'),
            _paragraph_style(
                "LargeHeading2", "Large Heading 2", based="Heading2",
                paragraph='<w:spacing w:before="200" w:after="60"/>', run='<w:sz w:val="34"/>',
            ),
            _paragraph_style("LargeText", "Large Text", paragraph='<w:spacing w:after="80"/>', run='<w:sz w:val="30"/>'),
            _paragraph_style(
                "LargeListBullet", "Large List Bullet", based="ListBullet",
                paragraph='<w:spacing w:after="70"/>', run='<w:sz w:val="31"/>',
            ),
            _paragraph_style("LargeFieldLabel", "Large Field Label", based="FieldLabel", paragraph='<w:spacing w:before="120" w:after="0"/>', run='<w:sz w:val="27"/>'),
        )
    )  # fmt: skip


def _heading(level: int, size: int, before: int, after: int, border: str = "") -> str:
    return _paragraph_style(
        f"Heading{level}", f"heading {level}", next_="Normal",
        paragraph=f'<w:keepNext/><w:keepLines/>{border}<w:spacing w:before="{before}" w:after="{after}" w:line="240" w:lineRule="auto"/><w:outlineLvl w:val="{level - 1}"/>',
        run=f'<w:b/><w:color w:val="{_ACCENT}"/><w:sz w:val="{size}"/>',
    )  # fmt: skip


def _styles() -> str:
    rule = f'<w:pBdr><w:bottom w:val="single" w:sz="24" w:space="4" w:color="{_ACCENT}"/></w:pBdr>'
    return (
        "".join(
            (
                f"{_XML}<w:styles {_W}><w:docDefaults><w:rPrDefault><w:rPr>",
                '<w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:eastAsia="Arial" w:cs="Arial"/><w:sz w:val="21"/><w:szCs w:val="21"/>',
                '<w:lang w:val="en-GB" w:eastAsia="en-GB" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>',
                '<w:spacing w:after="80" w:line="257" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>',
                '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>',
                '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/></w:style>',
                '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>',
                '<w:style w:type="numbering" w:default="1" w:styleId="NoList"><w:name w:val="No List"/></w:style>',
                _heading(1, 38, 0, 120, rule),
                _heading(2, 26, 240, 60),
                _heading(3, 22, 160, 40),
                _heading(4, 21, 140, 40),
                _heading(5, 21, 140, 40),
                _heading(6, 21, 140, 40),
                _paragraph_style(
                    "Subtitle",
                    "Subtitle",
                    next_="Normal",
                    paragraph='<w:spacing w:after="160"/><w:contextualSpacing/>',
                    run=f'<w:color w:val="{_QUIET}"/>',
                ),
                _paragraph_style(
                    "Motto",
                    "Motto",
                    paragraph='<w:spacing w:before="60" w:after="140"/><w:contextualSpacing/><w:jc w:val="center"/>',
                    run=f'<w:i/><w:color w:val="{_ACCENT}"/><w:sz w:val="24"/>',
                ),
                _paragraph_style(
                    "LeadIn",
                    "Lead In",
                    next_="ListBullet",
                    paragraph='<w:keepNext/><w:spacing w:after="40"/>',
                    run="<w:b/>",
                ),
                _paragraph_style("Small", "Small", run=f'<w:color w:val="{_QUIET}"/><w:sz w:val="19"/>'),
                _paragraph_style(
                    "ListBullet",
                    "List Bullet",
                    paragraph='<w:keepLines/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr><w:spacing w:after="40"/>',
                ),
                _paragraph_style(
                    "ListNumber",
                    "List Number",
                    paragraph='<w:keepLines/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="2"/></w:numPr><w:spacing w:after="40"/>',
                ),
                _paragraph_style(
                    "TableText",
                    "Table Text",
                    paragraph='<w:spacing w:before="30" w:after="30" w:line="247" w:lineRule="auto"/>',
                ),
                _paragraph_style(
                    "TableHead",
                    "Table Head",
                    based="TableText",
                    paragraph="<w:keepNext/>",
                    run=f'<w:b/><w:color w:val="{_ACCENT}"/>',
                ),
                _paragraph_style(
                    "FieldLabel", "Field Label", paragraph='<w:spacing w:before="200" w:after="0"/>'
                ),
                _paragraph_style(
                    "Header",
                    "header",
                    paragraph='<w:tabs><w:tab w:val="right" w:pos="9638"/></w:tabs><w:spacing w:after="0" w:line="240" w:lineRule="auto"/>',
                    run=f'<w:color w:val="{_QUIET}"/><w:sz w:val="18"/>',
                    quick=False,
                ),
                _paragraph_style(
                    "Footer",
                    "footer",
                    paragraph='<w:spacing w:after="0" w:line="240" w:lineRule="auto"/><w:ind w:right="1500"/>',
                    run=f'<w:color w:val="{_QUIET}"/><w:sz w:val="17"/>',
                    quick=False,
                ),
                _paragraph_style(
                    "FooterRule",
                    "Footer Rule",
                    paragraph=f'<w:pBdr><w:top w:val="single" w:sz="6" w:space="0" w:color="{_LINE}"/></w:pBdr><w:spacing w:after="0" w:line="80" w:lineRule="exact"/>',
                    quick=False,
                ),
                '<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/><w:rPr><w:color w:val="0A5A8A"/><w:u w:val="single"/></w:rPr></w:style>',
                '<w:style w:type="character" w:customStyle="1" w:styleId="FillIn"><w:name w:val="Fill In"/><w:qFormat/><w:rPr><w:color w:val="4A3900"/><w:shd w:val="clear" w:color="auto" w:fill="FFF6D6"/></w:rPr></w:style>',
                f'<w:style w:type="table" w:customStyle="1" w:styleId="PolicyTable"><w:name w:val="Policy Table"/><w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders><w:top w:val="single" w:sz="4" w:space="0" w:color="{_LINE}"/><w:left w:val="single" w:sz="4" w:space="0" w:color="{_LINE}"/><w:bottom w:val="single" w:sz="4" w:space="0" w:color="{_LINE}"/><w:right w:val="single" w:sz="4" w:space="0" w:color="{_LINE}"/><w:insideH w:val="single" w:sz="4" w:space="0" w:color="{_LINE}"/><w:insideV w:val="single" w:sz="4" w:space="0" w:color="{_LINE}"/></w:tblBorders></w:tblPr><w:tblStylePr w:type="firstRow"><w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="{_TINT}"/></w:tcPr></w:tblStylePr></w:style>',
                '<w:style w:type="table" w:customStyle="1" w:styleId="FieldTable"><w:name w:val="Field Table"/><w:basedOn w:val="TableNormal"/></w:style>',
                f'<w:style w:type="table" w:customStyle="1" w:styleId="DrawingFrame"><w:name w:val="Drawing Frame"/><w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>{_frame()}</w:tblBorders></w:tblPr></w:style>',
                _large_styles(),
                _contents_styles(),
                "</w:styles>\n",
            )
        )
        .replace("<w:rPr></w:rPr>", "")
        .replace("<w:pPr></w:pPr>", "")
    )


def _abstract(number: int, levels: list[tuple[str, str]]) -> str:
    out = [f'<w:abstractNum w:abstractNumId="{number}"><w:multiLevelType w:val="multilevel"/>']
    for level, (format_, text) in enumerate(levels):
        indent = 397 * (level + 1)
        style = (
            f'<w:pStyle w:val="{"ListBullet" if format_ == "bullet" else "ListNumber"}"/>'
            if level == 0
            else ""
        )
        out.append(
            f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{format_}"/>{style}<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
            f'<w:pPr><w:ind w:left="{indent}" w:hanging="397"/></w:pPr><w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial" w:hint="default"/><w:color w:val="{_ACCENT}"/></w:rPr></w:lvl>'
        )
    return "".join([*out, "</w:abstractNum>"])


def _numbering() -> str:
    bullets = [("bullet", mark) for mark in "•–•–•–•–•"]
    numbers = [(("decimal", "lowerLetter", "lowerRoman")[n % 3], f"%{n + 1}.") for n in range(9)]
    return (
        f"{_XML}<w:numbering {_W}>{_abstract(0, bullets)}{_abstract(1, numbers)}"
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num></w:numbering>\n'
    )


def build() -> bytes:
    """Return the bytes of the reference document; always the same."""
    parts = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": _PACKAGE_RELS,
        "docProps/app.xml": _APP,
        "docProps/core.xml": _CORE,
        "word/_rels/document.xml.rels": _DOCUMENT_RELS,
        "word/document.xml": _DOCUMENT,
        "word/fontTable.xml": _FONTS,
        "word/footer1.xml": _FOOTER,
        "word/header1.xml": _HEADER,
        "word/numbering.xml": _numbering(),
        "word/settings.xml": _SETTINGS,
        "word/styles.xml": _styles(),
        "word/theme/theme1.xml": _theme(),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, text in parts.items():
            member = zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(member, text)
    return out.getvalue()


if __name__ == "__main__":
    REFERENCE.write_bytes(build())
