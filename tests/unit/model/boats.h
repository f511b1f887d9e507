/* A small invented model with a field of every kind, for the unit tests and fuzzers of records. Not the repository's own, so
 * that changing that one breaks no test. */
#ifndef MUSUBI_TESTS_UNIT_MODEL_BOATS_H
#define MUSUBI_TESTS_UNIT_MODEL_BOATS_H

#include "model/model.h"

static const char boats_boat[] =
    "{'name':'boat','title':{'ja':'船','en':'Boats'},'label':['name','code'],'naturalKey':['code','built'],"
    "'visibility':'members','fields':["
    "{'name':'name','title':{'ja':'名','en':'Name'},'type':'string','bilingual':true,'reading':'kana',"
    "'constraints':{'maxLength':20}},"
    "{'name':'kana','title':{'ja':'読み','en':'Reading'},'type':'string'},"
    "{'name':'code','title':{'ja':'号','en':'Code'},'type':'string',"
    "'constraints':{'pattern':'[A-Z]{2}-?[0-9]+','minLength':3,'unique':true}},"
    "{'name':'colour','title':{'ja':'色','en':'Colour'},'type':'string','vocabulary':'colour','facet':true},"
    "{'name':'flags','title':{'ja':'旗','en':'Flags'},'type':'list','vocabulary':'colour',"
    "'constraints':{'maxItems':3}},"
    "{'name':'builder','title':{'ja':'造船所','en':'Builder'},'type':'string','reference':'yard','party':true},"
    "{'name':'crews','title':{'ja':'組','en':'Crews'},'type':'list','reference':'yard','party':true},"
    "{'name':'home','title':{'ja':'港','en':'Home'},'type':'string','reference':'yard'},"
    "{'name':'words','title':{'ja':'語','en':'Words'},'type':'list'},"
    "{'name':'notes','title':{'ja':'備考','en':'Notes'},'type':'string','markdown':true},"
    "{'name':'web','title':{'ja':'網','en':'Web'},'type':'string','format':'uri'},"
    "{'name':'mail','title':{'ja':'便','en':'Mail'},'type':'string','format':'email'},"
    "{'name':'class','title':{'ja':'級','en':'Class'},'type':'string','constraints':{'enum':['A','B']}},"
    "{'name':'masts','title':{'ja':'檣','en':'Masts'},'type':'integer','constraints':{'minimum':0,'maximum':9}},"
    "{'name':'length','title':{'ja':'長さ','en':'Length'},'type':'number'},"
    "{'name':'price','title':{'ja':'価格','en':'Price'},'type':'number','figure':true,'currency':'JPY'},"
    "{'name':'seats','title':{'ja':'定員','en':'Seats'},'type':'number','figure':true,'unit':'person',"
    "'constraints':{'minimum':0}},"
    "{'name':'share','title':{'ja':'割合','en':'Share'},'type':'number','figure':true},"
    "{'name':'afloat','title':{'ja':'浮','en':'Afloat'},'type':'boolean'},"
    "{'name':'built','title':{'ja':'竣工','en':'Built'},'type':'date'},"
    "{'name':'seen','title':{'ja':'見た時','en':'Seen'},'type':'datetime'},"
    "{'name':'place','title':{'ja':'所','en':'Place'},'type':'geopoint'},"
    "{'name':'owner_id','title':{'ja':'識別','en':'ROR'},'type':'string','check':'ror'}]}";
static const char boats_yard[] =
    "{'name':'yard','title':{'ja':'造船所','en':'Yards'},'label':['name'],'fields':["
    "{'name':'name','title':{'ja':'名','en':'Name'},'type':'string','bilingual':true,'reading':'kana',"
    "'constraints':{'required':true}},"
    "{'name':'kana','title':{'ja':'読み','en':'Reading'},'type':'string'}]}";
static const char boats_colour[] =
    "{'name':'colour','title':{'ja':'色','en':'Colour'},'terms':["
    "{'code':'red','ja':'赤','en':'Red','also':['紅']},{'code':'blue','ja':'青','en':'Blue'},"
    "{'code':'green','ja':'緑','en':'Green'},{'code':'grey','ja':'灰','en':'Grey'}]}";
static const char boats_unit[] =
    "{'name':'unit','title':{'ja':'単位','en':'Unit'},'terms':["
    "{'code':'person','ja':'人','en':'persons','also':['名']},{'code':'percent','ja':'％','en':'%'},"
    "{'code':'company','ja':'社','en':'companies'},{'code':'case','ja':'件','en':'cases'},"
    "{'code':'per-year','ja':'／年','en':'a year'}]}";
static const char boats_basis[] =
    "{'name':'basis','title':{'ja':'根拠','en':'Basis'},'terms':[{'code':'seen','ja':'実見','en':'Seen'}]}";

/* JSON written with ' for ", so that it can be read in C. */
static inline struct str boats_json(struct arena *arena, struct str text)
{
    struct str json = arena_copy(arena, text);
    char *bytes = (char *)json.ptr; /* the copy is ours */
    for (size_t i = 0; i < json.len; i++) {
        if (bytes[i] == '\'') {
            bytes[i] = '"';
        }
    }
    return json;
}

#define BOATS_FILES 5

static inline void boats_files(struct arena *arena, struct model_file files[BOATS_FILES])
{
    files[0] = (struct model_file){STR("boat.json"), boats_json(arena, str_from_cstr(boats_boat))};
    files[1] = (struct model_file){STR("yard.json"), boats_json(arena, str_from_cstr(boats_yard))};
    files[2] = (struct model_file){STR("vocabulary/colour.json"), boats_json(arena, str_from_cstr(boats_colour))};
    files[3] = (struct model_file){STR("vocabulary/unit.json"), boats_json(arena, str_from_cstr(boats_unit))};
    files[4] = (struct model_file){STR("vocabulary/basis.json"), boats_json(arena, str_from_cstr(boats_basis))};
}

#endif
