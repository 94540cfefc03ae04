package data_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// tabled writes a table beside a few images, and returns its path.
func tabled(t *testing.T, text string) string {
	good := plainPNG(t, 7)
	dir := write(t, map[string][]byte{
		"table.csv": []byte(text), "a b/1.png": good, "2.png": good, "3.png": good, "한글.png": good, "bad.png": []byte("words"),
	})
	return filepath.Join(dir, "table.csv")
}

func TestCSV(t *testing.T) {
	for name, text := range map[string]string{
		"commas":     "path,label,split\na b/1.png,red cat,train\n2.png,\"cat, blue\",train\n3.png,고양이,test\n한글.png,고양이,TEST\n",
		"semicolons": "\ufeffPath;Label;Split\r\na b/1.png;red cat;train\r\n2.png;cat, blue;train\r\n3.png;고양이;test\r\n한글.png;고양이;test\r\n",
		"a class":    "path,Class,split\na b/1.png,red cat,train\n2.png,\"cat, blue\",train\n3.png,고양이,test\n한글.png,고양이,TEST\n",
		"both":       "class,path,label,split\nx,a b/1.png,red cat,train\nx,2.png,\"cat, blue\",train\nx,3.png,고양이,test\nx,한글.png,고양이,TEST\n",
		"tabs":       "split\tid\tlabel\tpath\ntrain\t7\tred cat\t./a b/1.png\ntrain\t7\tcat, blue\t2.png\ntest\t7\t고양이\t3.png\ntest\t7\t고양이\t한글.png\n",
	} {
		var told []string
		parts, err := data.CSVParts(t.Context(), tabled(t, text), data.Options{Progress: func(line string) { told = append(told, line) }})
		if err != nil {
			t.Fatal(name, err)
		}
		if !slices.Equal(parts.Train.Classes(), []string{"cat, blue", "red cat"}) || !slices.Equal(parts.Test.Classes(), []string{"고양이"}) ||
			parts.Test.Len() != 2 || parts.Train.Label(0) != 1 {
			t.Errorf("%s: %q, %q", name, parts.Train.Classes(), parts.Test.Classes())
		}
		picture(t, parts.Test, 1)
		if unused := strings.Contains(strings.Join(told, "\n"), `not used: the columns `); unused != (name == "tabs" || name == "both") {
			t.Errorf("%s: told %q", name, told)
		}
	}
}

func TestCSVOfQueries(t *testing.T) {
	parts, err := data.CSVParts(t.Context(), tabled(t, "path,label,split,camera\n2.png,x,query,3\n3.png,x,gallery,3\na b/1.png,y,gallery,-1\n"), data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cameras, ok := data.Cameras(parts.Gallery)
	if !ok || !slices.Equal(cameras, []int{3, -1}) || parts.Test.Len() != 1 || parts.Train != nil {
		t.Errorf("%v, %v", cameras, parts)
	}
	of := data.Subset(parts.Gallery, "y", func(class string) bool { return class == "y" })
	if cameras, ok := data.Cameras(of); !ok || !slices.Equal(cameras, []int{-1}) {
		t.Errorf("of a subset: %v", cameras)
	}
	if _, ok := data.Cameras(newPlain(1)); ok {
		t.Error("a set without cameras has some")
	}
}

func TestCSVHoldsOut(t *testing.T) {
	text := "path,label\na b/1.png,a\n2.png,b\n3.png,c\n한글.png,d\nbad.png,e\n"
	var skipped []string
	o := data.Options{Skip: func(image string, _ error) { skipped = append(skipped, filepath.Base(image)) }}
	_, err := data.CSVParts(t.Context(), tabled(t, text), o)
	expect(t, err, "has 0 classes with more than one image", "docs/data.md")
	if !slices.Equal(skipped, []string{"bad.png"}) {
		t.Errorf("skipped %q", skipped)
	}
	all, err := data.CSV(t.Context(), tabled(t, text), o)
	if err != nil || all.Len() != 4 {
		t.Error(err)
	}
}

func TestBadCSV(t *testing.T) {
	for _, c := range []struct {
		name string
		text string
		want string
	}{
		{"empty", "", "the file is empty"},
		{"no image", "path,label\n", "a head line and no image"},
		{"no column label", "path,lable\n2.png,x\n", `no column "label"`},
		{"column misspelt", "path,lable\n2.png,x\n", `did you mean "lable"?`},
		{"another code page", "path,label\n2.png,\xb0\xed\xbe\xe7\xc0\xcc\n", "save the table as CSV in UTF-8"},
		{"column twice", "path,label,Label\n2.png,x,x\n", "two columns"},
		{"empty label", "path,label\n2.png,x\n3.png, \n", "line 3: the label is empty"},
		{"empty path", "path,label\n,x\n", "line 2: the path is empty"},
		{"image twice", "path,label\n2.png,x\n./2.png,y\n", "line 3: ./2.png is there already, in line 2"},
		{"image in two parts", "path,label,split\n2.png,x,train\n2.png,y,test\n", "line 3: 2.png is there already, in line 2"},
		{"query in the gallery", "path,label,split\n2.png,x,query\n3.png,x,query\n./3.png,x,gallery\n", "line 4: ./3.png is there already, in line 3"},
		{"row of one cell", "path,label\n2.png,x\n3.png\n", "line 3: wrong number of fields: 1, and the head line has 2"},
		{"quotes in a cell", "path,label\n2.png,x \"y\"\n", `quotes in it into quotes, and double its own`},
		{"open quote", "path,label\n\"2.png,x\n", `line 2, column`},
		{"unknown part", "path,label,split\n2.png,x,tset\n", `line 2: "tset" names no part of a split: did you mean test?`},
		{"camera in words", "path,label,camera\n2.png,x,left\n", `line 2: a camera is a whole number, not "left"`},
		{"no such image", "path,label\nmissing.png,x\n", "no such file"},
		{"no image", "path,label\nbad.png,x\n", "this is no JPEG"},
		{"class in training and test", "path,label,split\n2.png,x,train\n3.png,x,test\n", `have classes in common: "x"`},
		{"class in training and validation", "path,label,split\n2.png,x,train\n3.png,x,val\n", "the training part ("},
		{"queries without gallery", "path,label,split\n2.png,x,train\n3.png,y,query\n", "a gallery needs"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := data.CSVParts(t.Context(), tabled(t, c.text), data.Options{})
			expect(t, err, "data: ", "table.csv", c.want)
		})
	}
	_, err := data.CSVParts(t.Context(), "no/table.csv", data.Options{})
	expect(t, err, "no/table.csv")
	t.Chdir(filepath.Dir(tabled(t, "")))
	here, err := os.Getwd()
	if err == nil {
		err = os.WriteFile("table.csv", []byte("path,label,split\n2.png,x,train\n"+filepath.Join(here, "2.png")+",y,test\n"), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = data.CSVParts(t.Context(), "table.csv", data.Options{})
	expect(t, err, "table.csv, line 3: ", "2.png is there already, in line 2")
}

// FuzzTable: any text is a table whose rows have what they must, or refused in one line.
func FuzzTable(f *testing.F) {
	f.Add("path,label\na,b\n")
	f.Add("\ufeffpath;label;split\n\"a\nb\";c;train")
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := data.ParseTable(t.Context(), strings.NewReader(text))
		if err != nil {
			expect(t, err)
			return
		}
		for _, r := range rows {
			if r[0] == "" || r[1] == "" {
				t.Fatalf("%q", r)
			}
		}
	})
}
